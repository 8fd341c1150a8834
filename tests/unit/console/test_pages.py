"""The other pages: home, services, ordering, environments, people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gaia.platform.model import FINAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.console.conftest import Browser
    from tests.unit.platform.loop import Loop

STACK = "acme-use1-dev"
PAGES = ("/", "/services", "/new", "/new/pair", "/approvals", "/requests", "/environments", f"/environments/{STACK}",
         f"/environments/{STACK}/instance?component=net", "/drift", "/drift?show=all",
         "/policies", "/budgets", "/search", "/search?q=ph",
         "/people")  # fmt: skip


@pytest.mark.parametrize("who", ["ann", "gus", "vic", "root", "bob"])
def test_everybody_gets_what_they_may_see(browser: Browser, who: str) -> None:
    """A page for each role; for another tenant nothing of this one's stands on it but what was asked for."""
    browser.sign_in(who)
    for path in PAGES:
        shown = browser.get(path)
        assert shown.status_code == (404 if who == "bob" and "/acme" in path else 200), path
        if who == "bob":
            assert "photos" not in shown.text
            assert STACK not in shown.text.replace(f"there is no stack &#39;{STACK}&#39;", "").replace(
                f"in &#39;{STACK}&#39;", ""
            )


def test_home_says_what_needs_whom(browser: Browser) -> None:
    """It needs gus, and waits for others where ann looks."""
    browser.sign_in("gus")
    assert "1 request needs you" in browser.get("/").text
    browser.sign_in("ann")
    shown = browser.get("/").text
    assert "Waits for others" in shown
    assert "needs you" not in shown.replace("Nothing needs you", "")


def test_a_service_is_found_looked_at_and_retired(done: Loop, browser_of: Callable[[Loop], Browser]) -> None:
    """Its name has to be typed, and its end is a request that somebody decides about."""
    browser = browser_of(done)
    browser.sign_in("ann")
    assert f"/services/{STACK}/photos" in browser.get("/services?q=hot").text
    assert f"/services/{STACK}/photos" not in browser.get("/services?q=zzz").text
    path = f"/services/{STACK}/photos"
    shown = browser.get(path).text
    for part in ("Outputs", "What it costs", "Why it is here", "Activity", '<svg class="graph"'):
        assert part in shown
    refused = browser.post(f"{path}/retire", name="other")
    assert refused.status_code == 422
    asked = browser.post(f"{path}/retire", name="photos")
    assert asked.url.path.startswith("/requests/req_")
    assert "Retire" in asked.text


def test_an_end_is_moved(loop_at: Callable[[str], Loop], browser_of: Callable[[Loop], Browser]) -> None:
    """By days; what is no number is refused on the page."""
    lasting = loop_at("lasting")
    browser = browser_of(lasting)
    browser.sign_in("ann")
    path = f"/services/{STACK}/photos"
    before = lasting.view(lasting.request).lives_until
    assert browser.post(f"{path}/keep", days="²").status_code == 422
    assert browser.post(f"{path}/keep", days="10").status_code == 200
    assert lasting.view(lasting.request).lives_until != before


@pytest.mark.parametrize("days", ["00000000199999", "000000001999999999999", "9" * 900, "3651", "0", "-1", "1.5", "²"])
def test_all_of_a_number_of_days_counts(
    loop_at: Callable[[str], Loop], browser_of: Callable[[Loop], Browser], days: str
) -> None:
    """Of a token and of a life: what is above the limit is refused on the page, however it is written."""
    from gaia.records import people
    from gaia.records.model import Grant

    lasting = loop_at("lasting")
    with lasting.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    browser = browser_of(lasting)
    browser.sign_in("root")
    made = browser.post("/people/token", person="new-one", role="viewer", days=days)
    assert (made.status_code, "gaia_tok_" in made.text) == (422, False)
    assert "is no number of days" in made.text
    before = lasting.view(lasting.request).lives_until
    browser.sign_in("ann")
    kept = browser.post(f"/services/{STACK}/photos/keep", days=days)
    assert kept.status_code == 422
    assert lasting.view(lasting.request).lives_until == before


def test_a_wish_is_tried_while_it_is_written(browser: Browser) -> None:
    """Each thing that is wrong is named; what would be made is shown once nothing is; nothing is written down."""
    browser.sign_in("ann")
    token = browser.token()
    before = browser.loop.as_("ann").requests()
    wrong = browser.post("/new/pair/trial", token=token, service="X", stack="nowhere", ttl="soon")
    assert "soon" not in wrong.text
    wrong = browser.post("/new/pair/trial", token=token, service="X", stack="nowhere")
    for part in ("cannot be the name of a service", "nowhere", "What it says"):
        assert part in wrong.text
    good = browser.post("/new/pair/trial", token=token, service="notes", stack=STACK, **{"answer.text": "hi"})
    assert "Ready to ask for" in good.text
    assert "notes-store" in good.text
    code = browser.post("/new/pair/trial", token=token, service="notes", stack=STACK, **{"answer.text": "!exec rm"})
    assert "would be taken for code" in code.text
    assert browser.loop.as_("ann").requests() == before


def test_a_wish_is_asked_for_and_what_is_wrong_stays_typed(browser: Browser) -> None:
    """The form comes back with everything in it, else the request's page follows."""
    browser.sign_in("ann")
    refused = browser.post("/new/pair", service="Notes", stack=STACK, **{"answer.text": "precious"})
    assert refused.status_code == 422
    assert 'value="precious"' in refused.text
    asked = browser.post("/new/pair", service="notes", stack=STACK, ttl="7d", **{"answer.text": "hi"})
    assert asked.url.path.startswith("/requests/req_")
    [made] = [one for one in browser.loop.as_("ann").requests() if one.service == "notes"]
    assert made.status not in FINAL
    assert made.ttl == 7 * 86_400


def test_who_may_not_ask_is_told(browser: Browser) -> None:
    """A viewer's wish is refused; of another tenant's stack nothing is told."""
    browser.sign_in("vic")
    assert browser.post("/new/pair", service="notes", stack=STACK, **{"answer.text": "x"}).status_code == 403
    browser.sign_in("bob")
    tried = browser.post("/new/pair/trial", service="photos", stack=STACK, **{"answer.text": "x"})
    assert "taken" not in tried.text


def test_a_template_that_is_gone_is_not_found(browser: Browser) -> None:
    """A form that was open meanwhile is answered clearly."""
    browser.sign_in("ann")
    assert browser.post("/new/gone", service="notes").status_code == 404


def test_an_admin_makes_links_and_tokens_and_nobody_else(browser: Browser) -> None:
    """Each is shown once; the link signs in, and the audit log has it."""
    from gaia.records import people
    from gaia.records.model import Grant

    with browser.loop.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    browser.sign_in("gus")
    assert browser.post("/people/link", person="root").status_code == 403
    assert browser.post("/people/token", person="gus", role="admin").status_code == 403
    assert browser.get("/audit").status_code == 403
    browser.sign_in("root")
    made = browser.post("/people/token", person="new-one", role="viewer")
    assert "gaia_tok_" in made.text
    assert "gaia_tok_" not in browser.get("/people").text
    linked = browser.post("/people/link", person="new-one").text
    assert browser.post("/people/link", person="nobody").status_code == 404
    link = linked.split('data-copy="the link">')[1].split("<")[0]
    assert "link.made" in browser.get("/audit").text
    assert browser.get(link).url.path == "/"
    assert "new-one" in browser.get("/").text


def test_the_theme_is_a_choice(browser: Browser) -> None:
    """It is kept, and leads back to where it was made; to no other host."""
    browser.client.headers["sec-fetch-site"] = "same-origin"
    sent = browser.client.post("/theme", data={"theme": "dark", "back": "/sign-in"})
    assert 'data-theme="dark"' in sent.text
    sent = browser.client.post("/theme", data={"theme": "nonsense", "back": "https://evil.example"})
    assert sent.url.host == "localhost"
    assert "data-theme" not in sent.text


def test_assets_have_addresses_that_change_with_them(browser: Browser) -> None:
    """They are kept for a year; what is none of them is not there."""
    from gaia.console import rendering

    kept = browser.client.get(rendering.asset("page.css"))
    assert kept.headers["cache-control"].endswith("immutable")
    assert browser.client.get("/assets/old/page.css").headers["cache-control"] == "no-cache"
    for name in ("../rendering.py", "%2e%2e/rendering.py", "vendor/htmx.LICENSE", "nothing.js"):
        assert browser.client.get(f"/assets/x/{name}").status_code == 404


def test_what_is_vendored_is_what_its_makers_made() -> None:
    """Each file has its hash and its license in the list, and nothing else lies there."""
    import hashlib
    import re

    from gaia.console import rendering

    folder = rendering.ASSETS / "vendor"
    listed = dict(re.findall(r"^\| `(\S+)` .*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.MULTILINE))
    found = {
        one.name: hashlib.sha256(one.read_bytes()).hexdigest()
        for one in folder.glob("*.*s*")
        if one.suffix in (".js", ".css")
    }
    assert listed == found
    assert {one.name for one in folder.iterdir()} == {*found, "README.md", "htmx.LICENSE", "uPlot.LICENSE"}


def test_what_another_site_sends_is_not_kept(browser: Browser) -> None:
    """Also where no cookie came along: a form that waits would be sent again from our own page, by two clicks."""
    there = {"sec-fetch-site": "cross-site"}
    sent = browser.client.post("/requests/req_x/approve", data={"reason": "mine"}, headers=there)
    assert sent.status_code == 403
    assert "cross-site" in sent.text
    assert "Send it again" not in sent.text


def test_every_status_and_kind_of_a_request_has_words_and_a_tab() -> None:
    """One that is new is not left out of the page."""
    from typing import get_args

    from gaia.console.pages.requests import TABS
    from gaia.console.words import STATES, VERBS
    from gaia.records.model import RequestKind, RequestStatus

    assert set(STATES) == set(get_args(RequestStatus))
    assert {one for _, each in TABS.values() for one in each or ()} == set(get_args(RequestStatus))
    assert {*VERBS, "provision"} == set(get_args(RequestKind))


def test_what_a_change_does_is_said_where_it_is_signed(done: Loop, browser_of: Callable[[Loop], Browser]) -> None:
    """What the answers were, and what is destroyed."""
    change = done.as_("ann").change("photos", STACK, {"text": "otherwise", "alone": True}).id
    done.carry_out(change)
    browser = browser_of(done)
    browser.sign_in("gus")
    shown = browser.get(f"/requests/{change}").text
    assert "<h1>Change" in shown
    assert "before:" in shown
    assert "It destroys" in shown


def test_the_environments_say_what_each_costs(done: Loop, browser_of: Callable[[Loop], Browser]) -> None:
    """As parts of the list, and in it for who has no script; of what another tenant spends nothing is told."""
    browser = browser_of(done)
    browser.sign_in("ann")
    assert 'hx-get="/environments/costs' in browser.get("/environments").text
    shown = browser.get("/environments/costs").text
    parts = browser.get("/environments/costs", **{"hx-request": "true"}).text
    own = browser.get(f"/environments/{STACK}").text
    for text in (shown, parts):
        assert re.search(r"\$\d+\.\d\d", text)
        assert "a month" in text
    figure = re.search(r"<strong>([^<]+)</strong><span class=\"of\">a month, expected of 1 service<", own)
    assert figure
    assert f">{figure[1]}<" in parts
    browser.sign_in("bob")
    assert "$" not in browser.get("/environments/costs").text


@pytest.mark.parametrize("day", ["", "2026-01-31", "2024-02-29"])
def test_a_day_is_looked_at(browser: Browser, day: str) -> None:
    """Another tenant's is not told; each has a day before."""
    browser.sign_in("ann")
    shown = browser.get(f"/activity?day={day}").text
    assert ("was asked for by ann" in shown) == (not day)
    assert "The day before" in shown
    browser.sign_in("bob")
    assert "was asked for" not in browser.get(f"/activity?day={day}").text


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "today", "2026-02-30", "x" * 250, "%00", "2026-1-1"])
def test_what_is_no_day_is_refused(browser: Browser, day: str) -> None:
    """With one clear error."""
    browser.sign_in("ann")
    assert browser.get(f"/activity?day={day}").status_code == 422


def test_why_a_thing_is_there_is_told_to_who_may_see_it(done: Loop, browser_of: Callable[[Loop], Browser]) -> None:
    """The search leads there; for others there is no such thing, and none of its requests or services."""
    browser = browser_of(done)
    browser.sign_in("vic")
    assert "/why?of=" in browser.get("/search?q=s3_bucket").text
    path = f"/why?of={STACK}/photos-store"
    shown = browser.get(path).text
    assert "Open the request" in shown
    assert "gus" in shown
    assert browser.get("/why").url.path == "/search"
    assert browser.get("/why?of=" + "x" * 250).status_code == 404
    browser.sign_in("bob")
    assert browser.get(path).status_code == 404
    assert browser.get(f"/services/{STACK}/photos").status_code == 404


def test_a_change_is_undone_by_the_answers_of_before(done: Loop, browser_of: Callable[[Loop], Browser]) -> None:
    """They are offered where the change was done, for as long as nothing else was; not those of another service."""
    first, other = done.request, done.done("letters")
    change = done.change_done("otherwise")
    browser = browser_of(done)
    browser.sign_in("ann")
    way = f"/services/{STACK}/photos/change?as={first}"
    assert way in browser.get(f"/requests/{change}").text
    assert way in browser.get(f"/services/{STACK}/photos/history").text
    assert "Undo it" not in browser.get(f"/requests/{first}").text
    assert 'value="hello"' in browser.get(way).text
    assert browser.get(f"/services/{STACK}/photos/change?as={other}").status_code == 404
    assert browser.get(f"/services/{STACK}/photos/change?as=req_x").status_code == 404
    browser.sign_in("vic")
    assert "Undo it" not in browser.get(f"/requests/{change}").text
