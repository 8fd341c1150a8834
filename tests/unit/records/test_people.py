"""People, grants and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from tests.unit.records.moments import T0

from gaia.errors import Conflict, Invalid, NotFound
from gaia.records import people
from gaia.records.model import Grant, Person
from gaia.records.tables import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Transaction

YEAR = timedelta(days=365)


def test_a_name_is_taken_once(tx: Transaction) -> None:
    """A second person of a name is a conflict, and the transaction goes on."""
    people.add_person(tx, "ada", at=T0)
    with pytest.raises(Conflict) as caught:
        people.add_person(tx, "ada", at=T0)
    assert caught.value.code == "person-exists"
    people.add_person(tx, "bob", at=T0)
    assert [each.name for each in people.list_people(tx)] == ["ada", "bob"]


def test_a_name_follows_the_house_rule(tx: Transaction) -> None:
    """Names are Gaia's own kind of name."""
    with pytest.raises(Invalid) as caught:
        people.add_person(tx, "Ada Lovelace", at=T0)
    assert caught.value.code == "name-invalid"


def test_people_are_found_by_id_and_by_name(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Both ways give the same person with grants; names() maps ids to names."""
    ada = make_person(tx, "ada", Grant("admin"))
    assert people.get_person(tx, ada.id) == people.get_person(tx, "ada") == ada
    assert ada.grants == (Grant("admin", "*", "*"),)
    assert people.names(tx) == {ada.id: "ada"}


def test_an_unknown_person_is_not_found(tx: Transaction) -> None:
    """There is one error for a person who is not there."""
    with pytest.raises(NotFound) as caught:
        people.get_person(tx, "nobody")
    assert caught.value.code == "person-unknown"


def test_granting_twice_is_no_error_and_withdrawing_takes_away(
    tx: Transaction, make_person: Callable[..., Person]
) -> None:
    """Grants are a set."""
    given_ = Grant("approver", "acme", "prod")
    make_person(tx, "ada", given_, given_)
    assert people.get_person(tx, "ada").grants == (given_,)
    people.withdraw(tx, "ada", given_)
    people.withdraw(tx, "ada", given_)
    assert people.get_person(tx, "ada").grants == ()


def test_an_unknown_role_cannot_be_given(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """A typing mistake must not become a grant of nothing."""
    make_person(tx, "ada")
    with pytest.raises(Invalid) as caught:
        people.grant(tx, "ada", Grant("owner"))  # type: ignore[arg-type]
    assert caught.value.code == "role-unknown"


def test_a_secret_leads_to_its_token_alone(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """It is long enough not to be guessed."""
    make_person(tx, "ada")
    token, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    assert secret.startswith("gaia_tok_")
    assert len(secret) >= len("gaia_tok_") + 43  # 256 bits in base64
    assert people.token_of(tx, secret) == token
    assert people.token_of(tx, secret + "x") is None


def test_only_a_hash_of_the_secret_is_kept(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """No column of the token holds the secret or its random part."""
    make_person(tx, "ada")
    _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    row = tx.first(select(tokens))
    assert row is not None
    assert secret.removeprefix("gaia_tok_") not in repr(dict(row))
    assert len(row["hash"]) == 64


def test_secrets_differ(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Two tokens never share a secret or an id."""
    make_person(tx, "ada")
    made = [people.create_token(tx, "ada", at=T0, expires=T0 + YEAR) for _ in range(5)]
    assert len({secret for _, secret in made}) == len({token.id for token, _ in made}) == 5


def test_a_revoked_token_is_refused_and_keeps_its_first_time(
    tx: Transaction, make_person: Callable[..., Person]
) -> None:
    """Revoking twice does not move the time."""
    make_person(tx, "ada")
    token, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    people.revoke_token(tx, token.id, at=T0 + timedelta(hours=1))
    people.revoke_token(tx, token.id, at=T0 + timedelta(hours=2))
    assert people.token_of(tx, secret) == people.get_token(tx, token.id)
    assert people.list_tokens(tx)[0].revoked_at == T0 + timedelta(hours=1)
    with pytest.raises(NotFound):
        people.revoke_token(tx, "tok_none", at=T0)


def test_a_token_must_end_in_the_future_and_have_known_scopes(
    tx: Transaction, make_person: Callable[..., Person]
) -> None:
    """Neither an ended token nor one that would hold for a life, or for an unknown action, or none, is made."""
    make_person(tx, "ada")
    for end in (T0, T0 + people.LONGEST_TOKEN + timedelta(days=1)):
        with pytest.raises(Invalid) as ended:
            people.create_token(tx, "ada", at=T0, expires=end)
        assert ended.value.code == "token-expiry"
    people.create_token(tx, "ada", at=T0, expires=T0 + people.LONGEST_TOKEN)
    with pytest.raises(Invalid) as unknown:
        people.create_token(tx, "ada", at=T0, expires=T0 + YEAR, scopes=["fly"])  # type: ignore[list-item]
    with pytest.raises(Invalid) as none:
        people.create_token(tx, "ada", at=T0, expires=T0 + YEAR, scopes=[])
    assert [unknown.value.code, none.value.code] == ["scope-unknown", "scope-unknown"]


def test_who_was_just_added_is_who_is_read(tx: Transaction) -> None:
    """Not disabled, and with nothing granted yet."""
    assert people.add_person(tx, "ada", at=T0) == people.get_person(tx, "ada")


def test_withdrawing_takes_one_role_from_one_person(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Her other grants stay, in order, and so do everybody else's of the same role and place."""
    taken, kept = Grant("approver", "acme", "prod"), Grant("approver", "acme", "dev")
    others = (Grant("admin"), kept, Grant("developer", "acme", "prod"), Grant("approver", "globex", "prod"))
    make_person(tx, "ada", taken, *reversed(others))
    bob = make_person(tx, "bob", taken, *others)
    people.withdraw(tx, "ada", taken)
    assert people.get_person(tx, "ada").grants == tuple(sorted(others))
    assert people.get_person(tx, "bob") == bob
