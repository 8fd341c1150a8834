"""Signature version and tracing of SNS topics. Upstream: they are set, and not given back."""

from __future__ import annotations

from typing import Any

from moto.sns.responses import SNSResponse

from gaia.sandbox.patches.fitting import wrap

_ATTRIBUTES = {"SignatureVersion": "signature_version", "TracingConfig": "tracing_config"}


def apply() -> None:
    """Give them back."""
    wrap(SNSResponse, "get_topic_attributes", _get_topic_attributes)


def _get_topic_attributes(plain: Any, self: Any) -> Any:
    answer = plain(self)
    topic = self.backend.get_topic(self._get_param("TopicArn"))
    kept = {name: getattr(topic, attribute, None) for name, attribute in _ATTRIBUTES.items()}
    answer.result["Attributes"].update({name: value for name, value in kept.items() if value is not None})
    return answer
