"""A home that takes up what the others of its database serve. (A file stands for the database here.)"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.errors import Conflict, NotFound, Unavailable
from gaia.kit import keys
from gaia.platform.home import registration
from gaia.platform.home.joining import join, refuse_used
from gaia.records import audit, people, repositories
from gaia.records.database import Database
from gaia.records.model import Repository
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path, migrated: Path, environ: Mapping[str, str]) -> Settings:
    """Of a new home, whose records are shared."""
    shutil.copy(migrated, tmp_path / "shared.db")
    captured = Settings.capture({**environ, "GAIA_HOME": str(tmp_path / "home")}, tmp_path)
    return replace(captured, database=f"sqlite:///{tmp_path / 'shared.db'}")


def served(settings: Settings) -> None:
    """Somebody has registered a repository there."""
    database = Database.open(settings.records)
    with database.begin() as tx:
        repositories.register(tx, Repository("platform", "git@example.com:acme/platform.git", "main"))
        person = people.add_person(tx, "admin", at=T0)
        key = keys.make_key(settings.home.parent / "other")
        audit.append(tx, key, at=T0, actor=person.id, action="x", subject="platform", repository="platform")
    database.close()


def test_a_home_serves_what_the_others_serve(settings: Settings) -> None:
    """Once it has their key; again, there is nothing new."""
    served(settings)
    shutil.copytree(settings.home.parent / "other", settings.home / "keys")
    (row,) = join(settings)
    assert (row.id, row.source, row.branch, row.documents) == (
        "platform", "git@example.com:acme/platform.git", "main", "database",
    )  # fmt: skip
    assert registration.every(settings) == (row,)
    assert join(settings) == ()


def test_without_the_key_or_with_another_one_nothing_is_written(settings: Settings) -> None:
    """What was signed could not be checked; the error says what to copy."""
    served(settings)
    with pytest.raises(Unavailable, match="is missing") as missing:
        join(settings)
    assert "Copy keys/repository.key" in str(missing.value.next_step)
    keys.make_key(settings.home / "keys")
    with pytest.raises(Conflict) as other:
        join(settings)
    assert other.value.code == "key-other"
    assert registration.known(settings) == ()


def test_a_database_that_serves_nothing_cannot_be_joined(settings: Settings) -> None:
    """Somebody begins one there first."""
    keys.make_key(settings.home / "keys")
    with pytest.raises(NotFound) as caught:
        join(settings)
    assert caught.value.code == "repository-missing"


def test_what_another_home_began_is_not_begun_again(settings: Settings) -> None:
    """An `init` would take back the tokens of its admin."""
    refuse_used(settings)
    served(settings)
    with pytest.raises(Conflict) as caught:
        refuse_used(settings)
    assert caught.value.code == "database-in-use"


def test_a_home_of_its_own_joins_nothing(settings: Settings) -> None:
    """Its records are a file that nobody shares."""
    assert join(replace(settings, database=None)) == ()
