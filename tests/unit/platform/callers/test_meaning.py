"""Rights that are given to a name: those who sign in at a provider chose theirs, and nobody is an engine."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.access.oidc.issuer import Issuer
from tests.unit.platform.callers.test_signing_in import BACK, Desk, refused
from tests.unit.records.conftest import database, path

from gaia.kit import clock
from gaia.platform.callers.people import People
from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.access.callers import Caller
    from gaia.records.database import Database

__all__ = ["database", "path"]
DAY = timedelta(days=1)


@pytest.fixture(name="desk")
def open_desk(database: Database, tmp_path: Path) -> Desk:
    """A desk with a provider, and a local admin."""
    desk = Desk(database, tmp_path, Issuer())
    with database.begin() as tx:
        people.add_person(tx, "root", at=clock.now())
        people.grant(tx, "root", Grant("admin"))
    return desk


def door(desk: Desk, caller: Caller | None = None) -> People:
    """Tokens and people as the admin, or as somebody else, has them."""
    with desk.database.begin() as tx:
        _, secret = people.create_token(tx, "root", at=clock.now(), expires=clock.now() + DAY)
    return People(desk.database, desk.log, caller or desk.signing_in.caller(secret))


def signed_in(desk: Desk, name: str = "deploy-bot", *groups: str) -> Caller:
    """Somebody who calls with a provider's token, and chose a name there."""
    return desk.signing_in.caller(desk.token(sub=name, preferred_username=name, groups=list(groups) or ["devs"]))


def test_who_chose_a_name_gets_nothing_that_is_meant_for_another(desk: Desk) -> None:
    """No role, no token and no group; nothing is written but the refusal."""
    guest = signed_in(desk)
    assert guest.name == "deploy-bot"
    admin = door(desk)
    assert refused(lambda: admin.create_token("deploy-bot", roles=["admin"], life=DAY)) == "person-exists"
    assert refused(lambda: admin.join("deploy-bot", "security")) == "person-exists"
    assert refused(lambda: admin.delegations.give("deploy-bot", tenant="*", stage="*", until=clock.now() + DAY)) == (
        "person-exists"
    )
    with desk.database.read() as tx:
        person = people.get_person(tx, guest.id)
        assert (person.grants, person.groups, people.list_tokens(tx, guest.id)) == ((), (), ())
    assert ("token.create", "refused") in desk.written()


def test_who_is_meant_is_said_by_the_id(desk: Desk) -> None:
    """Then all of it is given; taking away needs no more than the name."""
    guest, admin = signed_in(desk), door(desk)
    token, _ = admin.create_token(guest.id, roles=["approver"], life=DAY)
    assert (token.person, token.roles) == ("deploy-bot", ("approver",))
    assert admin.join(guest.id, "security").groups == ("security",)
    assert admin.leave("deploy-bot", "security").groups == ()
    assert admin.delegations.give(guest.id, tenant="*", stage="*", until=clock.now() + DAY).to == "deploy-bot"


def test_whom_an_admin_named_is_meant_by_the_name(desk: Desk) -> None:
    """A second token and another role, as ever; a provider's person of that name is another one."""
    admin = door(desk)
    admin.create_token("ada", roles=["viewer"], life=DAY)
    assert admin.create_token("ada", roles=["approver"], life=DAY)[0].roles == ("approver", "viewer")
    assert signed_in(desk, "ada").name.startswith("ada-")


@pytest.mark.parametrize("name", ["policy", "engine", "expiry", "operator", "gaia-engine"])
def test_nobody_is_called_what_acts_by_itself(desk: Desk, name: str) -> None:
    """An admin is refused; a provider's person gets another name."""
    admin = door(desk)
    assert refused(lambda: admin.create_token(name, roles=[], life=DAY)) == "name-reserved"
    assert signed_in(desk, name).name.startswith(f"{name}-")


def test_a_local_group_is_not_one_of_the_providers(desk: Desk) -> None:
    """A browser's session keeps the provider's groups alone: roles.yaml gives nothing for a local one of that name."""
    guest, admin = signed_in(desk), door(desk)
    admin.join(guest.id, "platform-admins")
    begun = desk.signing_in.begin(BACK, "/")
    answer = desk.answers_with(begun, sub="deploy-bot", preferred_username="deploy-bot", groups=["devs"])
    entered = desk.signing_in.finish(begun.cookie, BACK, answer)
    caller = desk.signing_in.in_session(entered.secret)
    assert caller.named_groups == {"devs"}
    assert caller.grants == (Grant("developer"),)
    assert caller.groups == {"devs", "platform-admins"}
    admin.leave("deploy-bot", "platform-admins")
    assert desk.signing_in.in_session(entered.secret).groups == {"devs"}


def test_a_role_by_a_group_is_not_handed_on(desk: Desk) -> None:
    """A delegation would say that it holds, and not hold when it is used: nobody knows the owner's groups then."""
    admin = door(desk)
    admin.create_token("ada", roles=["viewer"], life=DAY)
    owner = signed_in(desk, "boss", "platform-admins")
    boss = door(desk, owner)
    until = clock.now() + DAY
    assert refused(lambda: boss.delegations.give("ada", tenant="acme", stage="dev", until=until)) == (
        "delegation-by-group"
    )
    with desk.database.begin() as tx:
        people.grant(tx, owner.id, Grant("approver", "acme"))
    assert boss.delegations.give("ada", tenant="acme", stage="dev", until=until).holds
