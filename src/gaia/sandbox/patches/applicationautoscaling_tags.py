"""Tags of what Application Auto Scaling scales. Upstream: not implemented."""

from __future__ import annotations

import json
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from gaia.sandbox.patches.fitting import extend, store, wrap


def apply() -> None:
    """Given when a target is registered, listed, set and taken away."""
    wrap(ApplicationAutoScalingResponse, "register_scalable_target", _register_scalable_target)
    extend(ApplicationAutoScalingResponse, _Responses)


def _tags(response: Any, arn: str) -> dict[str, str]:
    tags: dict[str, str] = store(response.applicationautoscaling_backend, "tags").setdefault(arn, {})
    return tags


def _register_scalable_target(plain: Any, self: Any) -> str:
    answer: str = plain(self)
    _tags(self, json.loads(answer)["ScalableTargetARN"]).update(self._get_param("Tags") or {})
    return answer


class _Responses:
    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"Tags": _tags(self, self._get_param("ResourceARN"))})

    def tag_resource(self: Any) -> str:
        _tags(self, self._get_param("ResourceARN")).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self: Any) -> str:
        for key in self._get_param("TagKeys"):
            _tags(self, self._get_param("ResourceARN")).pop(key, None)
        return "{}"
