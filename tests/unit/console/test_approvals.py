"""What waits, what it takes, and who may approve in whose name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.unit.console.test_a_service import drift
from tests.unit.platform.home.test_rotating import begun_again, rotated

from gaia.api.problems import ROUTES
from gaia.console.steps import link_of
from gaia.errors import Next
from gaia.kit import clock
from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.console.conftest import Browser
    from tests.unit.platform.loop import Loop

STACK = "acme-use1-dev"
TWO = "approvals: [{tenant: acme, approvers: 2, groups: [security]}, {tenant: other, approvers: 7}]\n"


def soon(days: int = 3) -> str:
    """A day to come, as a field has it."""
    return (clock.now() + timedelta(days=days)).date().isoformat()


def test_it_says_what_it_takes_and_who_has_signed(browser: Browser) -> None:
    """Of the places that are seen; nobody is asked twice."""
    browser.loop.clone.moved(**{"approvals/two.yaml": TWO})
    browser.sign_in("gus")
    path = f"/requests/{browser.loop.request}"
    assert browser.post(f"{path}/approve", reason="fine").status_code == 200
    shown = browser.get(path).text
    assert "1 of 2 approvals" in shown
    assert "Somebody in <bdi>security</bdi>" in shown
    assert "You have approved it" in shown
    assert ">Approve</button>" not in shown
    listed = browser.get("/approvals").text
    assert "approvals/two.yaml:1" in listed
    assert "<bdi>other</bdi>" not in listed
    assert listed.index("Nothing waits for you") < listed.index("1 of 2 approvals")


def test_approvals_are_lent_and_taken_back(browser: Browser) -> None:
    """Whoever is let signs in that name, which the page says; what cannot be is refused with all that was typed."""
    browser.sign_in("gus")
    refused = browser.post("/approvals/lend", person="vic", place="acme|*", until="never")
    assert (refused.status_code, 'value="vic"' in refused.text) == (422, True)
    for person, until, status in (("nobody", soon(), 404), ("gus", soon(), 422), ("vic", soon(999), 422)):
        assert browser.post("/approvals/lend", person=person, place="acme|*", until=until).status_code == status
    assert browser.post("/approvals/lend", person="vic", place="other|*", until=soon()).status_code == 404
    given = browser.post("/approvals/lend", person="vic", place="acme|*", until=soon())
    assert "may approve in your name" in given.text
    browser.sign_in("vic")
    listed = browser.get("/approvals").text
    assert "You may approve in the name of" in listed
    assert "Let somebody approve in your name" not in listed
    path = f"/requests/{browser.loop.request}"
    assert "In whose name" in browser.get(path).text
    assert "gus" in browser.post(f"{path}/approve", in_name="gus").text
    assert browser.loop.view(browser.loop.request).status == "applying"
    [signed] = browser.loop.view(browser.loop.request).approvals
    assert signed.signer == "vic for gus"
    of = listed.split('name="of" value="')[1].split('"')[0]
    browser.sign_in("ann")
    assert browser.post("/approvals/take-back", of=of).status_code == 404
    browser.sign_in("gus")
    assert "may approve in your name" not in browser.post("/approvals/take-back", of=of).text


def test_who_may_not_approve_lends_nothing(browser: Browser) -> None:
    """Also where the form is sent by hand."""
    browser.sign_in("ann")
    assert "Let somebody approve" not in browser.get("/approvals").text
    assert browser.post("/approvals/lend", person="vic", place="acme|*", until=soon()).status_code == 403


def test_drift_is_listed_over_everything_and_shown_of_one(done: Loop, browser_of: Callable[[Loop], Browser]) -> None:
    """With a look now; an environment counts it; another tenant is told of nothing."""
    browser = browser_of(done)
    drift(done)
    browser.sign_in("ann")
    assert "photos-store" in browser.get("/drift").text
    assert "photos-store" not in browser.get("/drift?show=clean").text
    one = f"/environments/{STACK}/drift?component=photos-store"
    assert one.replace("&", "&amp;") in browser.get("/drift").text
    shown = browser.get(one).text
    for part in ("tags.owner", "Looks before", "Look now"):
        assert part in shown
    looked = browser.post(f"/environments/{STACK}/look", component="photos-store")
    assert "Being looked at" in looked.text
    assert browser.post(f"/environments/{STACK}/look", component="photos-store").status_code == 409
    environment = browser.get(f"/environments/{STACK}").text
    assert "drifted, of 1 looked at" in environment
    assert "Drifted: 1 cause" in environment
    assert "1 drifted" in browser.get("/environments").text
    browser.sign_in("bob")
    assert "photos" not in browser.get("/drift?show=all").text
    assert browser.get(one).status_code == 404
    browser.sign_in("vic")
    assert "Look now" not in browser.get(one).text


def test_every_step_that_has_a_route_has_a_place_on_the_page() -> None:
    """But for what no page shows."""
    elsewhere = {"webhook list"}
    placed = {act for act in ROUTES if link_of(Next(act, "photos", stack=STACK, words="Go on")) is not None}
    assert placed == {*ROUTES} - elsewhere
    again = link_of(Next("login", words="Prove it", options=("--step-up",)))
    assert again is not None
    assert again.path == "/login?again=true"


def test_a_preview_of_another_key_is_made_again_and_not_approved(
    waiting: Loop, browser_of: Callable[[Loop], Browser]
) -> None:
    """The list and the page say so, and whoever may go on is led to do it."""
    request = waiting.request
    with waiting.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    rotated(waiting)
    browser = browser_of(begun_again(waiting))
    browser.sign_in("gus")
    assert "To preview again" in browser.get("/approvals").text
    shown = browser.get(f"/requests/{request}").text
    assert "of before the home's key was replaced" in shown.replace("&#39;", "'")
    assert (">Approve</button>" in shown, ">Preview it again</button>" in shown) == (False, True)
    assert browser.post(f"/requests/{request}/resume").status_code == 200
    assert browser.loop.view(request).status == "submitted"
