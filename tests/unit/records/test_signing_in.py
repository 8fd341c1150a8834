"""Sessions, links that sign in once, and whom a provider vouches for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from tests.unit.records.moments import T0

from gaia.errors import Conflict, NotFound
from gaia.kit.ids import NAME
from gaia.records import identities, people, sessions
from gaia.records.tables import sessions as session_table
from gaia.records.tables import sign_in_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Transaction
    from gaia.records.model import Person

HOUR = timedelta(hours=1)
ISSUER = "https://login.example.com"


def test_a_session_is_found_by_its_secret(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Of which only a hash is kept; ended once, it keeps its time."""
    ada = make_person(tx, "ada")
    made, secret = sessions.begin(tx, ada.id, at=T0, expires=T0 + HOUR, groups={"b", "a"}, proved_at=T0)
    assert sessions.of_secret(tx, secret) == made == sessions.get(tx, made.id)
    assert made.groups == ("a", "b")
    assert secret not in str(tx.all(select(session_table)))
    assert sessions.end(tx, made.id, at=T0)
    assert not sessions.end(tx, made.id, at=T0 + HOUR)
    assert sessions.get(tx, made.id).ended_at == T0
    assert sessions.of_secret(tx, made.id) is None
    with pytest.raises(NotFound):
        sessions.get(tx, "ses_none")


def test_a_link_signs_in_once(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Until its time is over; only its hash is kept."""
    ada = make_person(tx, "ada")
    link = sessions.make_link(tx, ada.id, at=T0, life=HOUR)
    assert link not in str(tx.all(select(sign_in_links)))
    assert sessions.take_link(tx, link, at=T0) == ada.id
    assert sessions.take_link(tx, link, at=T0) is None
    late = sessions.make_link(tx, ada.id, at=T0, life=HOUR)
    assert sessions.take_link(tx, late, at=T0 + HOUR) is None
    assert sessions.take_link(tx, late, at=T0) is None


def test_what_is_long_over_is_forgotten(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Sessions and links that nobody followed."""
    ada = make_person(tx, "ada")
    old, _ = sessions.begin(tx, ada.id, at=T0, expires=T0 + HOUR)
    new, _ = sessions.begin(tx, ada.id, at=T0, expires=T0 + 3 * HOUR)
    sessions.make_link(tx, ada.id, at=T0, life=HOUR)
    assert sessions.forget(tx, before=T0 + 2 * HOUR) == 1
    assert sessions.get(tx, new.id)
    assert tx.all(select(sign_in_links)) == []
    with pytest.raises(NotFound):
        sessions.get(tx, old.id)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("dana", "dana"), ("Dana.Lee@example.com", "dana-lee"), ("--d--", "d"), ("Ünal", "nal"),
        ("x" * 200, "x" * 40), ("\x1b[2J", "2j"),
    ],
)  # fmt: skip
def test_a_person_is_named_after_what_the_provider_says(tx: Transaction, said: str, name: str) -> None:
    """As a name by the house rule."""
    made = identities.add(tx, ISSUER, "u-1", said, at=T0)
    assert made.name == name
    assert identities.person_of(tx, ISSUER, "u-1") == made


@pytest.mark.parametrize("said", ["", "日本", "person", "@example.com", "---"])
def test_who_has_no_name_gets_one(tx: Transaction, said: str) -> None:
    """Two of them different ones."""
    names = {identities.add(tx, ISSUER, f"u-{n}", said, at=T0).name for n in range(2)}
    assert len(names) == 2
    assert all(NAME.fullmatch(one) for one in names)


def test_nobody_becomes_somebody_else_by_a_name(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Names can be chosen at some providers; the subject of another issuer is another person too."""
    root = make_person(tx, "root")
    other = identities.add(tx, ISSUER, "u-1", "root", at=T0)
    third = identities.add(tx, "https://other.example.com", "u-1", "root", at=T0)
    assert len({root.id, other.id, third.id}) == 3
    assert other.name.startswith("root-")
    assert identities.person_of(tx, ISSUER, "u-2") is None
    assert people.get_person(tx, "root").id == root.id


def test_a_subject_has_one_person(tx: Transaction) -> None:
    """Whoever is slower is told."""
    identities.add(tx, ISSUER, "u-1", "dana", at=T0)
    with pytest.raises(Conflict) as caught:
        identities.add(tx, ISSUER, "u-1", "lee", at=T0)
    assert caught.value.code == "identity-exists"
