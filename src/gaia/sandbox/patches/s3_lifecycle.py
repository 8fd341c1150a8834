"""How many old versions a lifecycle of S3 keeps. Upstream: forgotten."""

from __future__ import annotations

from typing import Any

from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from gaia.sandbox.patches.fitting import wrap

_COUNT = "NewerNoncurrentVersions"


def apply() -> None:
    """Keep `NewerNoncurrentVersions` of an expiration."""
    wrap(FakeBucket, "set_lifecycle", _set_lifecycle)
    wrap(S3Response, "serialized", _serialized)


def _set_lifecycle(plain: Any, self: Any, rules: list[dict[str, Any]]) -> None:
    plain(self, rules)
    for rule, given in zip(self.rules, rules, strict=True):
        rule.nve_newer_versions = (given.get("NoncurrentVersionExpiration") or {}).get(_COUNT)


def _serialized(plain: Any, self: Any, answer: Any) -> Any:
    """The answer of a lifecycle is known by what only it holds."""
    result = answer.result
    if isinstance(result, dict) and "TransitionDefaultMinimumObjectSize" in result:
        for rule, shown in zip(self.backend.get_bucket(self.bucket_name).rules, result["Rules"], strict=True):
            if (count := getattr(rule, "nve_newer_versions", None)) is not None:
                shown["NoncurrentVersionExpiration"][_COUNT] = count
    return plain(self, answer)
