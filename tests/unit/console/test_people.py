"""People on the page: who has which role where, and who may change that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from tests.unit.console.conftest import Browser

ACTS = ("give", "take", "join", "leave", "shut-out", "let-in")


@pytest.fixture
def ids(browser: Browser) -> dict[str, str]:
    """Of everybody by name; root administers."""
    with browser.loop.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
        return {name: one for one, name in people.names(tx).items()}


def grants(browser: Browser, who: str) -> set[tuple[str, str, str]]:
    """What somebody was given."""
    with browser.loop.platform.database.read() as tx:
        return {(one.role, one.tenant, one.stage) for one in people.get_person(tx, who).grants}


def test_a_role_is_given_and_taken_and_both_stand_in_the_audit_log(browser: Browser, ids: dict[str, str]) -> None:
    """Somewhere or everywhere; the page of the person says who did it."""
    browser.sign_in("root")
    path = f"/people/{ids['vic']}"
    shown = browser.post(f"{path}/give", role="approver", tenant="acme", stage="prod").text
    assert ("approver", "acme", "prod") in grants(browser, "vic")
    assert "role.given" in shown
    assert "by <bdi>root</bdi>" in shown
    shown = browser.post(f"{path}/take", role="approver", tenant="acme", stage="prod").text
    assert ("approver", "acme", "prod") not in grants(browser, "vic")
    assert "role.withdrawn" in shown
    browser.post(f"{path}/give", role="viewer")
    assert ("viewer", "*", "*") in grants(browser, "vic")
    assert "role.withdrawn" in browser.get(f"/audit?subject={ids['vic']}").text


def test_the_last_admin_stays(browser: Browser, ids: dict[str, str]) -> None:
    """And is told why; what is none of their roles is not taken, and what is no role not given."""
    browser.sign_in("root")
    path = f"/people/{ids['root']}"
    refused = browser.post(f"{path}/take", role="admin")
    assert refused.status_code == 409
    assert "is the last one who may administer everything" in refused.text
    assert ("admin", "*", "*") in grants(browser, "root")
    assert browser.post(f"{path}/take", role="viewer", tenant="globex").status_code == 404
    assert browser.post(f"{path}/give", role="emperor").status_code == 422
    assert browser.post(f"{path}/give", role="viewer", tenant="\x1b[31mevil").status_code == 422
    assert browser.post(f"{path}/shut-out").status_code == 409


@pytest.mark.parametrize("who", ["ann", "gus", "vic", "bob"])
def test_who_is_no_admin_sees_and_changes_nothing(browser: Browser, ids: dict[str, str], who: str) -> None:
    """Whatever the address; a form of another session is not believed either."""
    browser.sign_in(who)
    before = {name: grants(browser, name) for name in ids}
    for person in (ids[who], ids["root"], "per_nobody"):
        assert browser.get(f"/people/{person}").status_code == 403
        for act in ACTS:
            sent = browser.post(f"/people/{person}/{act}", role="admin", group="security")
            assert sent.status_code == 403, act
    browser.sign_in("root")
    assert browser.post(f"/people/{ids['vic']}/give", token="0" * 64, role="admin").status_code == 409
    assert {name: grants(browser, name) for name in ids} == before


def test_people_are_found_by_what_they_may_do_where(browser: Browser, ids: dict[str, str]) -> None:
    """Who is shut out may do nothing; the question stands in the address."""
    browser.sign_in("root")
    browser.post(f"/people/{ids['vic']}/give", role="approver", stage="prod")
    found = browser.get("/people?may=approve&stage=prod").text
    assert f"/people/{ids['vic']}" in found
    assert f"/people/{ids['ann']}" not in found
    browser.post(f"/people/{ids['vic']}/shut-out")
    assert f"/people/{ids['vic']}" not in browser.get("/people?may=approve&stage=prod").text
    nowhere = browser.get("/people?may=approve&tenant=nowhere&stage=x").text
    assert f"/people/{ids['root']}" in nowhere
    assert f"/people/{ids['gus']}" not in nowhere
    assert "Show everybody" in browser.get("/people?may=fly").text


def test_groups_are_joined_and_left(browser: Browser, ids: dict[str, str]) -> None:
    """Whoever is not there is not found."""
    browser.sign_in("root")
    path = f"/people/{ids['gus']}"
    assert "auditors" in browser.post(f"{path}/join", group="auditors").text
    assert browser.post(f"{path}/join", group="../x").status_code == 422
    browser.post(f"{path}/leave", group="auditors")
    with browser.loop.platform.database.read() as tx:
        assert "auditors" not in people.get_person(tx, "gus").groups
    assert browser.post("/people/per_nobody/join", group="auditors").status_code == 404
