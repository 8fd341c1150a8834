"""Waiting for what others commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.records.moments import T0

from gaia.records import people

if TYPE_CHECKING:
    from gaia.records.database import Database


def test_a_watch_tells_what_others_commit(database: Database) -> None:
    """The first look says yes, later ones only after a commit: not while a change is under way, not after a reading."""
    with database.watch() as changed:
        assert [changed(), changed()] == [True, False]
        with database.begin() as tx:
            people.add_person(tx, "ada", at=T0)
            assert not changed()
        assert [changed(), changed()] == [True, False]
        with database.read() as tx:
            people.names(tx)
        assert not changed()
