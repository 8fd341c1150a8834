"""Who calls: by which secret, and whether still."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.access import rules
from gaia.access.callers import Caller, authenticate, current
from gaia.errors import Unauthenticated
from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Database, Transaction
    from gaia.records.model import Person

YEAR = timedelta(days=365)


def test_a_token_authenticates_its_person(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """The secret leads to the person with grants, until the token ends."""
    ada = make_person(tx, "ada", Grant("developer", "acme", "dev"))
    token, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    expected = Caller(ada.id, "ada", ada.grants, token=token.id, until=T0 + YEAR)
    assert authenticate(tx, secret, T0 + YEAR - timedelta(microseconds=1)) == expected
    with pytest.raises(Unauthenticated) as caught:
        authenticate(tx, secret, T0 + YEAR)
    assert caught.value.code == "token-expired"


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        (None, "token-missing"), ("", "token-unknown"), ("gaia_tok_", "token-unknown"),
        ("gaia_tok_wrong", "token-unknown"), ("päss", "token-unknown"), ("gaia_tok_\udcff", "token-unknown"),
    ],
)  # fmt: skip
def test_an_unknown_secret_is_unauthenticated(tx: Transaction, secret: str | None, code: str) -> None:
    """Whatever is sent, the answer is one clear error."""
    with pytest.raises(Unauthenticated) as caught:
        authenticate(tx, secret, T0)
    assert caught.value.code == code
    assert caught.value.next_step


def test_whoever_was_shut_out_is_refused_at_once(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Also a caller whom a door already knows: before each act it is asked again."""
    make_person(tx, "ada", Grant("admin"))
    token, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    known = authenticate(tx, secret, T0)
    asks: list[Callable[[], Caller]] = [lambda: authenticate(tx, secret, T0), lambda: current(tx, known, T0)]
    people.set_disabled(tx, "ada", True)
    for ask in asks:
        with pytest.raises(Unauthenticated) as disabled:
            ask()
        assert disabled.value.code == "person-disabled"
    people.set_disabled(tx, "ada", False)
    people.revoke_token(tx, token.id, at=T0)
    for ask in asks:
        with pytest.raises(Unauthenticated) as revoked:
            ask()
        assert revoked.value.code == "token-revoked"


def test_a_role_that_was_withdrawn_meanwhile_does_not_count(
    tx: Transaction, make_person: Callable[..., Person]
) -> None:
    """What a caller may do is what holds when they act."""
    make_person(tx, "ada", Grant("approver"))
    _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    known = authenticate(tx, secret, T0)
    people.withdraw(tx, "ada", Grant("approver"))
    assert rules.allows(known, "approve", "acme", "dev")
    assert not rules.allows(current(tx, known, T0), "approve", "acme", "dev")


def test_scopes_narrow_what_grants_allow(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """An admin's token for seeing only sees."""
    make_person(tx, "ada", Grant("admin"))
    _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR, scopes=["see"])
    caller = authenticate(tx, secret, T0)
    assert rules.allows(caller, "see", "acme", "prod")
    assert not rules.allows(caller, "approve", "acme", "prod")


def test_acting_notes_the_use_at_most_once_a_minute(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """A script that acts in a loop does not write that row each time."""
    make_person(tx, "ada")
    _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    caller = authenticate(tx, secret, T0)
    for seconds, noted in ((0, 0), (59, 0), (60, 60)):
        current(tx, caller, T0 + timedelta(seconds=seconds))
        assert people.get_token(tx, caller.token).last_used_at == T0 + timedelta(seconds=noted)


def test_asking_who_calls_writes_nothing(database: Database, make_person: Callable[..., Person]) -> None:
    """`status` beside a running engine needs no write lock, and works in a home that cannot be written to."""
    with database.begin() as tx:
        make_person(tx, "ada")
        _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    with database.begin(), database.read() as tx:
        assert authenticate(tx, secret, T0).name == "ada"
        assert people.list_tokens(tx)[0].last_used_at is None
