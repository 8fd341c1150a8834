"""Selections of AWS Backup. Upstream: their addresses are taken for those of a plan, and fail."""

from __future__ import annotations

import json
from typing import Any

from moto.backup import urls
from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.models import BackupBackend
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

from gaia.sandbox.patches.fitting import extend, listen, store


def apply() -> None:
    """Create, get, list and delete."""
    extend(BackupBackend, _Backend)
    extend(BackupResponse, _Responses)
    path = "/backup/plans/(?P<backupPlanId>[^/]+)/selections"
    listen(urls, urls.response.dispatch, f"{path}/?", f"{path}/(?P<selectionId>[^/]+)")


def _selections(backend: Any, plan: str) -> dict[str, Any]:
    return store(backend.get_backup_plan(plan, None), "selections")


class _Backend:
    def create_backup_selection(self: Any, plan: str, selection: dict[str, Any]) -> dict[str, Any]:
        made = {
            "BackupPlanId": plan,
            "SelectionId": str(mock_random.uuid4()),
            "SelectionName": selection["SelectionName"],
            "CreationDate": unix_time(),
            "IamRoleArn": selection["IamRoleArn"],
            "BackupSelection": selection,
        }
        _selections(self, plan)[made["SelectionId"]] = made
        return made

    def get_backup_selection(self: Any, plan: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = _selections(self, plan).get(name)
        if found is None:
            raise ResourceNotFoundException(msg="Cannot find Selection with provided ID")
        return found

    def delete_backup_selection(self: Any, plan: str, name: str) -> None:
        self.get_backup_selection(plan, name)
        del _selections(self, plan)[name]

    def list_backup_selections(self: Any, plan: str) -> list[dict[str, Any]]:
        return list(_selections(self, plan).values())


def _named(response: Any) -> list[str]:
    """The plan and, where there is one, the selection of the path."""
    return [part for part in response.path.partition("/plans/")[2].split("/") if part not in ("", "selections")]


class _Responses:
    def create_backup_selection(self: Any) -> str:
        made = self.backup_backend.create_backup_selection(*_named(self), json.loads(self.body)["BackupSelection"])
        return json.dumps({key: made[key] for key in ("BackupPlanId", "SelectionId", "CreationDate")})

    def get_backup_selection(self: Any) -> str:
        return json.dumps(self.backup_backend.get_backup_selection(*_named(self)))

    def delete_backup_selection(self: Any) -> str:
        self.backup_backend.delete_backup_selection(*_named(self))
        return "{}"

    def list_backup_selections(self: Any) -> str:
        return json.dumps({"BackupSelectionsList": self.backup_backend.list_backup_selections(*_named(self))})
