"""Tags of AWS Backup. Upstream: they are asked for without a slash at the end, and then there are none."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.backup.responses import BackupResponse

from gaia.sandbox.patches.fitting import extend


def apply() -> None:
    """Take the ARN as the path has it, with and without the slash."""
    extend(BackupResponse, _Responses)


class _Responses:
    def list_tags(self: Any) -> str:
        arn = unquote(self.path).partition("/tags/")[2].rstrip("/")
        return json.dumps({"Tags": self.backup_backend.list_tags(resource_arn=arn)})
