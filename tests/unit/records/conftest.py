"""One migrated database per worker, copied for each test; and rows to begin with."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.records import people, repositories, requests
from gaia.records.database import Database
from gaia.records.model import Grant, Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.records.database import Transaction
    from gaia.records.model import Person, Request


@pytest.fixture
def path(migrated: Path, tmp_path: Path) -> Path:
    """A fresh copy of the empty database."""
    return Path(shutil.copy(migrated, tmp_path / "gaia.db"))


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """The copy, opened."""
    opened = Database.open(path)
    with opened.begin() as tx:
        repositories.register(tx, Repository("repo-1", "/srv/platform", "main"))
    yield opened
    opened.close()


@pytest.fixture
def tx(database: Database) -> Iterator[Transaction]:
    """A transaction that may write."""
    with database.begin() as transaction:
        yield transaction


@pytest.fixture
def make_person() -> Callable[..., Person]:
    """Add a person with grants."""

    def make(tx: Transaction, name: str, *given: Grant) -> Person:
        people.add_person(tx, name, at=T0)
        for each in given:
            people.grant(tx, name, each)
        return people.get_person(tx, name)

    return make


@pytest.fixture
def make_request(make_person: Callable[..., Person]) -> Callable[..., Request]:
    """Add a request of `dev`, who is made when missing."""

    def make(tx: Transaction, service: str = "photos", **columns: str) -> Request:
        known = [each for each in people.list_people(tx) if each.name == "dev"]
        dev = known[0] if known else make_person(tx, "dev", Grant("developer"))
        values = {"tenant": "acme", "stage": "dev", "stack": "acme-use1-dev", "kind": "provision"} | columns
        return requests.add(
            tx,
            repository="repo-1",
            service=service,
            template="object-store",
            template_version="1.0.0",
            answers={"gigabytes": 5, "public": False},
            requester=dev.id,
            at=T0,
            **values,  # type: ignore[arg-type]
        )

    return make
