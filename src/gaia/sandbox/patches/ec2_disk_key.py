"""The default key of disks. Upstream: it is set and used, but cannot be asked for or reset."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response

from gaia.sandbox.patches.fitting import extend

_USUAL = "alias/aws/ebs"


def apply() -> None:
    """Get and reset it."""
    extend(EC2Response, _Responses)


class _Responses:
    def get_ebs_default_kms_key_id(self: Any) -> Any:
        return ActionResult({"KmsKeyId": getattr(self.ec2_backend, "default_kms_key_id", "") or _USUAL})

    def reset_ebs_default_kms_key_id(self: Any) -> Any:
        self.ec2_backend.default_kms_key_id = ""
        return ActionResult({"KmsKeyId": _USUAL})
