"""Access policies of vaults of AWS Backup. Upstream: 404."""

from __future__ import annotations

import json
from typing import Any

from moto.backup import urls
from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.responses import BackupResponse

from gaia.sandbox.patches.fitting import extend, listen, store


def apply() -> None:
    """Put, get and delete."""
    extend(BackupResponse, _Responses)
    listen(urls, urls.response.dispatch, "/backup-vaults/(?P<name>[^/]+)/access-policy")


def _policy(response: Any) -> tuple[Any, dict[str, Any]]:
    """The vault of the path, and where its policy is kept."""
    vault = response.backup_backend.describe_backup_vault(response.path.split("/")[-2])
    return vault, store(vault, "policy")


class _Responses:
    def put_backup_vault_access_policy(self: Any) -> str:
        _policy(self)[1]["Policy"] = json.loads(self.body)["Policy"]
        return "{}"

    def get_backup_vault_access_policy(self: Any) -> str:
        vault, policy = _policy(self)
        if not policy:
            raise ResourceNotFoundException(msg="Backup vault access policy not found")
        shown = {"BackupVaultName": vault.backup_vault_name, "BackupVaultArn": vault.backup_vault_arn}
        return json.dumps(shown | policy)

    def delete_backup_vault_access_policy(self: Any) -> str:
        _policy(self)[1].clear()
        return "{}"
