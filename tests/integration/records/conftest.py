"""The records on a server: each test has a fresh database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.integration.postgresql import server, url

from gaia.records import repositories
from gaia.records.database import Database
from gaia.records.model import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["server", "url"]


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The copy, opened."""
    opened = Database.open(url)
    with opened.begin() as tx:
        repositories.register(tx, Repository("repo-1", "/srv/platform", "main"))
    yield opened
    opened.close()
