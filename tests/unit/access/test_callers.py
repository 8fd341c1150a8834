"""Who calls: by which secret, and whether still."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.access import rules
from gaia.access.callers import Caller, authenticate, current, in_session, vouched
from gaia.access.identity import Identity
from gaia.errors import Unauthenticated
from gaia.records import people, sessions
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Database, Transaction
    from gaia.records.model import Person

YEAR = timedelta(days=365)
TEN = timedelta(minutes=10)


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
        assert "token" not in disabled.value.message
        assert getattr(disabled.value.next_step, "act", "") == "person enable"  # a token more would not help
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


def vouched_for(tx: Transaction, make_person: Callable[..., Person], *given: Grant) -> Caller:
    """Ada as a provider vouches for her, for ten minutes."""
    ada = make_person(tx, "ada", Grant("viewer"))
    return vouched(ada, Identity("https://login.example", "u-1", "ada", frozenset({"g"}), None, T0 + TEN), given)


def test_a_providers_word_holds_until_it_ends(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Also for a caller whom a door already knows; clocks may differ a little."""
    ada = vouched_for(tx, make_person)
    assert current(tx, ada, T0 + TEN + timedelta(seconds=29)).id == ada.id
    with pytest.raises(Unauthenticated) as caught:
        current(tx, ada, T0 + TEN + timedelta(seconds=30))
    assert caught.value.code == "token-expired"


def test_groups_and_rows_give_together(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """What was given by a row goes when it is withdrawn; what groups give stays."""
    ada = vouched_for(tx, make_person, Grant("approver", "acme", "dev"))
    assert set(ada.grants) == {Grant("viewer"), Grant("approver", "acme", "dev")}
    people.withdraw(tx, "ada", Grant("viewer"))
    assert current(tx, ada, T0).grants == (Grant("approver", "acme", "dev"),)


def test_a_disabled_person_stays_out_whoever_vouches(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """At the door and afterwards; in a browser too."""
    ada = vouched_for(tx, make_person)
    _, secret = sessions.begin(tx, ada.id, at=T0, expires=T0 + TEN)
    known = in_session(tx, secret, T0, lambda _: ())
    people.set_disabled(tx, "ada", True)
    for caller in (ada, known):
        with pytest.raises(Unauthenticated) as caught:
            current(tx, caller, T0)
        assert caught.value.code == "person-disabled"
    with pytest.raises(Unauthenticated):
        in_session(tx, secret, T0, lambda _: ())
    with pytest.raises(Unauthenticated):
        vouched(people.get_person(tx, "ada"), Identity("i", "s", "", frozenset(), None, T0), ())


def test_a_session_holds_until_it_ends(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """By its time, or because somebody ended it; an unknown secret is nobody's."""
    ada = make_person(tx, "ada", Grant("viewer"))
    session, secret = sessions.begin(tx, ada.id, at=T0, expires=T0 + TEN, groups=["b", "a"], proved_at=T0)
    known = in_session(tx, secret, T0, lambda groups: tuple(Grant("approver", one) for one in groups))
    assert known.grants == (Grant("approver", "a"), Grant("approver", "b"), Grant("viewer"))
    assert (sorted(known.groups), known.proved_at, known.until) == (["a", "b"], T0, T0 + TEN)
    assert current(tx, known, T0).grants == known.grants
    for other in (None, "", "x", session.id):
        with pytest.raises(Unauthenticated) as caught:
            in_session(tx, other, T0, lambda _: ())
        assert caught.value.code == "session-missing"
    for ended in (False, True):
        if ended:
            assert sessions.end(tx, session.id, at=T0)
        with pytest.raises(Unauthenticated) as over:
            current(tx, known, T0 if ended else T0 + TEN)
        assert over.value.code == "session-ended"


def test_a_caller_who_came_by_nothing_acts_nowhere(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """A mistake in the making of one lets nobody act."""
    ada = make_person(tx, "ada", Grant("admin"))
    with pytest.raises(Unauthenticated):
        current(tx, Caller(ada.id, "ada", ada.grants), T0)
