"""The id of a database instance. Upstream: all have the same one, so a second cannot be told from the first."""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random
from moto.rds.models import DBInstance

from gaia.sandbox.patches.fitting import wrap


def apply() -> None:
    """Each its own, in AWS's form."""
    wrap(DBInstance, "__init__", _init)


def _init(plain: Any, self: Any, *arguments: Any, **named: Any) -> None:
    plain(self, *arguments, **named)
    self.dbi_resource_id = "db-" + mock_random.get_random_string(26).upper()
