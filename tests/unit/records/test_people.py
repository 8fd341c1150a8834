"""People, grants and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests.unit.records.moments import T0

from gaia.errors import Conflict, GaiaError, Invalid, NotFound, Refused, Unauthenticated
from gaia.records import people
from gaia.records.model import ACTIONS, ROLES, Action, Grant, Person, Role
from gaia.records.tables import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Database, Transaction

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


def test_a_token_authenticates_its_person(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """The secret leads to the person with grants."""
    ada = make_person(tx, "ada", Grant("developer", "acme", "dev"))
    token, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    assert secret.startswith("gaia_tok_")
    assert len(secret) >= len("gaia_tok_") + 43  # 256 bits in base64
    assert people.authenticate(tx, secret, T0 + timedelta(days=1)) == ada
    assert people.list_tokens(tx, "ada")[0].id == token.id


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


@pytest.mark.parametrize(
    "secret", ["", "gaia_tok_", "gaia_tok_wrong", "päss", "\ud800".encode("utf-8", "replace").decode()]
)
def test_an_unknown_secret_is_unauthenticated(tx: Transaction, secret: str) -> None:
    """Whatever is sent, the answer is one clear error."""
    with pytest.raises(Unauthenticated) as caught:
        people.authenticate(tx, secret, T0)
    assert caught.value.code == "token-unknown"


def test_a_token_ends_at_its_expiry(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """The last moment before is good, the expiry itself is not."""
    make_person(tx, "ada")
    _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    people.authenticate(tx, secret, T0 + YEAR - timedelta(microseconds=1))
    with pytest.raises(Unauthenticated) as caught:
        people.authenticate(tx, secret, T0 + YEAR)
    assert caught.value.code == "token-expired"


def test_a_revoked_token_is_refused_and_keeps_its_first_time(
    tx: Transaction, make_person: Callable[..., Person]
) -> None:
    """Revoking twice does not move the time."""
    make_person(tx, "ada")
    token, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    people.revoke_token(tx, token.id, at=T0 + timedelta(hours=1))
    people.revoke_token(tx, token.id, at=T0 + timedelta(hours=2))
    with pytest.raises(Unauthenticated) as caught:
        people.authenticate(tx, secret, T0 + timedelta(hours=3))
    assert caught.value.code == "token-revoked"
    assert people.list_tokens(tx)[0].revoked_at == T0 + timedelta(hours=1)
    with pytest.raises(NotFound):
        people.revoke_token(tx, "tok_none", at=T0)


def test_a_disabled_person_is_shut_out(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Disabling works at once, also on a person object that was read before checking."""
    make_person(tx, "ada", Grant("admin"))
    _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    people.set_disabled(tx, "ada", True)
    with pytest.raises(Unauthenticated) as caught:
        people.authenticate(tx, secret, T0)
    assert caught.value.code == "person-disabled"
    assert not people.allows(people.get_person(tx, "ada"), "see", "acme", "dev")


def test_a_token_must_end_in_the_future_and_have_known_scopes(
    tx: Transaction, make_person: Callable[..., Person]
) -> None:
    """Neither an ended token nor one for an unknown action, or none, is made."""
    make_person(tx, "ada")
    with pytest.raises(Invalid) as ended:
        people.create_token(tx, "ada", at=T0, expires=T0)
    with pytest.raises(Invalid) as unknown:
        people.create_token(tx, "ada", at=T0, expires=T0 + YEAR, scopes=["fly"])  # type: ignore[list-item]
    with pytest.raises(Invalid) as none:
        people.create_token(tx, "ada", at=T0, expires=T0 + YEAR, scopes=[])
    assert [ended.value.code, unknown.value.code, none.value.code] == ["token-expiry", "scope-unknown", "scope-unknown"]


def test_scopes_narrow_what_grants_allow(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """An admin's token for seeing only sees."""
    make_person(tx, "ada", Grant("admin"))
    _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR, scopes=["see"])
    caller = people.authenticate(tx, secret, T0)
    assert people.allows(caller, "see", "acme", "prod")
    assert not people.allows(caller, "approve", "acme", "prod")


def test_use_is_noted_at_most_once_a_minute(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Polling with a token does not write a row each time."""
    make_person(tx, "ada")
    _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    for seconds, noted in ((0, 0), (59, 0), (60, 60)):
        people.authenticate(tx, secret, T0 + timedelta(seconds=seconds))
        assert people.list_tokens(tx)[0].last_used_at == T0 + timedelta(seconds=noted)


def test_reading_transactions_authenticate_without_writing(
    database: Database, make_person: Callable[..., Person]
) -> None:
    """`status` beside a running engine needs no write lock."""
    with database.begin() as tx:
        make_person(tx, "ada")
        _, secret = people.create_token(tx, "ada", at=T0, expires=T0 + YEAR)
    with database.begin(), database.read() as tx:
        assert people.authenticate(tx, secret, T0).name == "ada"
        assert people.list_tokens(tx)[0].last_used_at is None


def test_another_tenants_object_is_not_found(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Who may not see gets the object's own "not found"; who may see but not do is refused."""
    missing = NotFound("request-unknown", "there is no request", next_step="-")
    viewer = make_person(tx, "ada", Grant("viewer", "acme"))
    people.permit(viewer, "see", "acme", "prod", missing=missing)
    with pytest.raises(Refused) as refused:
        people.permit(viewer, "approve", "acme", "prod", missing=missing)
    assert refused.value.code == "not-permitted"
    with pytest.raises(GaiaError) as hidden:
        people.permit(viewer, "approve", "globex", "prod", missing=missing)
    assert hidden.value is missing


NAMES = st.sampled_from(["acme", "globex", "*"])
STAGES = st.sampled_from(["dev", "prod", "*"])
GRANTS = st.builds(Grant, st.sampled_from(get_args(Role)), NAMES, STAGES)


@given(st.lists(GRANTS, max_size=4), st.sampled_from(get_args(Action)), NAMES, STAGES)
def test_nothing_is_allowed_without_a_grant_that_says_so(
    grants: list[Grant], action: Action, tenant: str, stage: str
) -> None:
    """`allows` is true exactly when one grant covers action, tenant and stage."""
    person = Person("per_1", "ada", T0, disabled=False, grants=tuple(grants))
    covering = [
        each
        for each in grants
        if action in ROLES[each.role] and each.tenant in {"*", tenant} and each.stage in {"*", stage}
    ]
    assert people.allows(person, action, tenant, stage) == bool(covering)


def test_a_grant_holds_in_its_tenant_and_stage_alone() -> None:
    """Whoever approves in dev approves nothing in prod, nor elsewhere."""
    person = Person("per_1", "ada", T0, disabled=False, grants=(Grant("approver", "acme", "dev"),))
    assert people.allows(person, "approve", "acme", "dev")
    assert not people.allows(person, "approve", "acme", "prod")
    assert not people.allows(person, "approve", "other", "dev")
    assert not people.allows(person, "administer", "acme", "dev")


def test_who_was_just_added_is_who_is_read(tx: Transaction) -> None:
    """Not disabled, and with nothing granted yet."""
    assert people.add_person(tx, "ada", at=T0) == people.get_person(tx, "ada")


def test_every_role_may_see_and_only_admins_administer() -> None:
    """The table of roles, read as rules."""
    assert all("see" in actions for actions in ROLES.values())
    assert [role for role, actions in ROLES.items() if "administer" in actions] == ["admin"]
    assert [role for role, actions in ROLES.items() if "approve" in actions] == ["approver", "admin"]
    assert frozenset(get_args(Action)) == ACTIONS
    assert set(get_args(Role)) == set(ROLES)


def test_withdrawing_takes_one_role_from_one_person(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Her other grants stay, in order, and so do everybody else's of the same role and place."""
    taken, kept = Grant("approver", "acme", "prod"), Grant("approver", "acme", "dev")
    others = (Grant("admin"), kept, Grant("developer", "acme", "prod"), Grant("approver", "globex", "prod"))
    make_person(tx, "ada", taken, *reversed(others))
    bob = make_person(tx, "bob", taken, *others)
    people.withdraw(tx, "ada", taken)
    assert people.get_person(tx, "ada").grants == tuple(sorted(others))
    assert people.get_person(tx, "bob") == bob
