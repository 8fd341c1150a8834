"""What is done again and again is one worker's each time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.unit.records.moments import T0 as NOW

from gaia.records import chores, repositories
from gaia.records.model import Repository

if TYPE_CHECKING:
    from gaia.records.database import Database

HOUR = timedelta(hours=1)


def _known(database: Database) -> str:
    with database.begin() as tx:
        repositories.register(tx, Repository("repo-1", "/srv/platform", "main"))
    return "repo-1"


def test_a_chore_is_due_when_its_time_has_passed(database: Database) -> None:
    """The first time at once; of two that ask, one has it."""
    repository = _known(database)
    with database.begin() as tx:
        assert chores.take(tx, repository, "clean", HOUR, at=NOW)
        assert not chores.take(tx, repository, "clean", HOUR, at=NOW + timedelta(minutes=59))
        assert chores.take(tx, repository, "other", HOUR, at=NOW)
        assert chores.take(tx, repository, "clean", HOUR, at=NOW + HOUR)
        assert not chores.take(tx, repository, "clean", HOUR, at=NOW + HOUR)


def test_a_clock_that_was_ahead_stops_no_chore(database: Database) -> None:
    """One that was begun in the future is due now."""
    repository = _known(database)
    with database.begin() as tx:
        assert chores.take(tx, repository, "clean", HOUR, at=NOW + timedelta(days=400))
        assert chores.take(tx, repository, "clean", HOUR, at=NOW)
        assert not chores.take(tx, repository, "clean", HOUR, at=NOW)
