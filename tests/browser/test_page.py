"""People at the page, with a browser: asking, deciding, watching, looking; with script and without."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.browser.seeded import drifted, finding
from tests.unit.platform.loop import FILES, STACK

from gaia.kit import clock
from gaia.platform.views import reading
from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.browser.site import Site
    from tests.unit.platform.loop import Loop

    Windows = Callable[..., Page]
    Sites = Callable[[Loop], Site]


def test_ask_be_refused_and_have_it_approved_by_another(loop: Loop, site_of: Sites, window: Windows) -> None:
    """Two browsers at once: ann writes and sees what would come of it, gus signs it, ann sees it go on."""
    site = site_of(loop)
    ann, gus = window(), window()
    ann.goto(site.link("ann"))
    ann.get_by_role("link", name="New service").first.click()
    ann.get_by_role("link", name="A pair").click()
    ann.get_by_label("Name", exact=True).fill("Notes")
    ann.get_by_label("Environment").select_option(STACK)
    expect(ann.locator("#outlook")).to_contain_text("cannot be the name of a service")
    ann.get_by_label("Name", exact=True).fill("notes")
    ann.get_by_label("What it says").fill("hello")
    expect(ann.locator("#outlook")).to_contain_text("Ready to ask for")
    expect(ann.locator("#outlook")).to_contain_text("notes-store")
    ann.get_by_role("button", name="Ask for it").click()
    ann.wait_for_url("**/requests/req_*")
    request = ann.url.rpartition("/")[2]
    expect(ann.locator("#status")).to_have_text("Previewing")
    loop.carry_out(request)
    expect(ann.locator("#status")).to_have_text("Waits for approval")
    expect(ann.get_by_text("aws_s3_bucket.this").first).to_be_visible()
    expect(ann.get_by_role("button", name="Approve")).to_have_count(0)

    gus.goto(site.link("gus"))
    expect(gus.get_by_role("heading", level=1)).to_have_text("1 request needs you")
    gus.get_by_role("link", name="notes").first.click()
    gus.get_by_label("Reason").fill("small")
    gus.get_by_role("button", name="Approve").click()
    expect(gus.locator("#status")).to_have_text("Applying")
    loop.carry_out(request)
    expect(gus.locator("#status")).to_have_text("Done")
    gus.get_by_role("link", name="Open the service").click()
    expect(gus.get_by_role("heading", level=1)).to_have_text("notes")
    expect(gus.get_by_role("heading", name="Why it is here")).to_be_visible()


def test_a_line_that_was_cut_off_is_taken_up_again(approved: Loop, site_of: Sites, window: Windows) -> None:
    """Nothing of the log is missed, and nothing stands twice."""
    site, page = site_of(approved), window()
    page.goto(site.link("gus"))
    page.goto(f"{site.url}/requests/{approved.request}")
    before = page.locator("#log p").count()
    while not site.app.state.page.following:
        page.wait_for_timeout(20)
    site.cut()
    approved.carry_out(approved.request)
    expect(page.locator("#status")).to_have_text("Done", timeout=40_000)
    lines = page.locator("#log p span:last-child").all_inner_texts()
    assert len(lines) > before
    page.reload()
    assert page.locator("#log p span:last-child").all_inner_texts() == lines


def test_without_script_everything_goes(waiting: Loop, site_of: Sites, window: Windows) -> None:
    """Signing in, asking, being told what is wrong, deciding."""
    site = site_of(waiting)
    ann = window(java_script_enabled=False)
    ann.goto(f"{site.url}/sign-in")
    ann.get_by_label("Token or sign-in link").fill(site.link("ann"))
    ann.get_by_role("button", name="Sign in").click()
    ann.goto(f"{site.url}/new/pair")
    ann.get_by_label("Name", exact=True).fill("notes")
    ann.get_by_label("Environment").select_option(STACK)
    ann.get_by_label("What it says").fill("!exec rm")
    ann.get_by_role("button", name="Ask for it").click()
    expect(ann.get_by_role("alert")).to_contain_text("would be taken for code")
    assert ann.get_by_label("Name", exact=True).input_value() == "notes"
    ann.get_by_label("What it says").fill("hello")
    ann.get_by_role("button", name="Ask for it").click()
    expect(ann.get_by_role("heading", level=1)).to_have_text("notes")
    gus = window(java_script_enabled=False)
    gus.goto(site.link("gus"))
    gus.goto(f"{site.url}/requests/{waiting.request}")
    gus.get_by_label("Reason").fill("not now")
    gus.get_by_role("button", name="Reject").click()
    expect(gus.locator("#status")).to_have_text("Rejected")


def test_a_session_that_ends_in_a_form_loses_nothing(waiting: Loop, site_of: Sites, window: Windows) -> None:
    """Sent signed out it waits on a page; sent again by who is signed in, it is done when they say so."""
    site, page = site_of(waiting), window()
    page.goto(site.link("ann"))
    page.goto(f"{site.url}/new/pair")
    page.get_by_label("Name", exact=True).fill("kept-one")
    page.get_by_label("Environment").select_option(STACK)
    page.get_by_label("What it says").fill("precious")
    page.context.clear_cookies()
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You were signed out meanwhile")
    other = page.context.new_page()
    other.goto(site.link("ann"))
    page.get_by_role("button", name="Send it again").click()
    page.get_by_role("button", name="Send it", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("kept-one")
    [made] = [one for one in waiting.as_("ann").requests() if one.service == "kept-one"]
    assert waiting.view(made.id).answers["text"] == "precious"


def test_a_draft_outlives_its_tab_being_left(waiting: Loop, site_of: Sites, window: Windows) -> None:
    """What was written stands there again, until it has been sent."""
    site, page = site_of(waiting), window()
    page.goto(site.link("ann"))
    page.goto(f"{site.url}/new/pair")
    page.get_by_label("What it says").fill("half a thought")
    page.goto(f"{site.url}/services")
    page.goto(f"{site.url}/new/pair")
    expect(page.get_by_label("What it says")).to_have_value("half a thought")


def test_the_keyboard_is_enough(done: Loop, site_of: Sites, window: Windows) -> None:
    """Ctrl-K goes to the search, Enter looks; the first tab stop skips the menu."""
    site, page = site_of(done), window()
    page.goto(site.link("gus"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("photo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=photo")
    expect(page.get_by_role("heading", name="Services")).to_be_visible()


def test_services_are_found_as_one_types(done: Loop, site_of: Sites, window: Windows) -> None:
    """No button is pressed."""
    site, page = site_of(done), window()
    page.goto(site.link("gus"))
    page.goto(f"{site.url}/services")
    page.get_by_label("Name of a service").fill("zzz")
    expect(page.get_by_text("No service fits")).to_be_visible()
    page.get_by_label("Name of a service").fill("hot")
    expect(page.locator("#rows .row")).to_have_count(1)


def test_a_change_is_looked_at_while_it_is_written(done: Loop, site_of: Sites, window: Windows) -> None:
    """It begins with the answers of today, says what it would destroy, and is a request when it is asked for."""
    site, page = site_of(done), window()
    page.goto(site.link("ann"))
    page.goto(f"{site.url}/services/{STACK}/photos")
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_label("What it says")).to_have_value("hello")
    page.get_by_label("Without a store").select_option("true")
    expect(page.locator("#outlook")).to_contain_text("It destroys 1 instance")
    page.get_by_label("Without a store").select_option("false")
    page.get_by_label("What it says").fill("more")
    expect(page.locator("#outlook")).to_contain_text("Ready to ask for")
    page.get_by_role("button", name="Ask for the change").click()
    page.wait_for_url("**/requests/req_*")
    assert done.row(page.url.rpartition("/")[2]).given == {"text": "more"}


def test_a_cost_over_time_is_drawn_and_without_script_a_table(done: Loop, site_of: Sites, window: Windows) -> None:
    """The table has the same figures in both."""
    done.change_done("more")
    site = site_of(done)
    for scripted in (True, False):
        page = window(java_script_enabled=scripted)
        page.goto(site.link("gus"))
        page.goto(f"{site.url}/services/{STACK}/photos/cost")
        expect(page.locator("#over-time tbody tr")).to_have_count(2)
        expect(page.locator(".chart canvas")).to_have_count(1 if scripted else 0)
        expect(page.locator(".chart")).to_be_visible(visible=scripted)


def test_services_are_told_apart_without_script(done: Loop, site_of: Sites, window: Windows) -> None:
    """A value is an address, and leads back."""
    done.approved("pending")
    done.carry_out(done.approved("begun"), until=f"apply {STACK}/begun-store")
    site, page = site_of(done), window(java_script_enabled=False)
    page.goto(site.link("gus"))
    page.goto(f"{site.url}/services")
    expect(page.locator("#rows .row")).to_have_count(2)
    page.locator(".facets").get_by_role("link", name="Live").click()
    expect(page.locator("#rows .row")).to_have_count(1)
    expect(page.get_by_role("status")).to_contain_text("1 service")
    page.locator(".facets").get_by_role("link", name="Live").click()
    expect(page.locator("#rows .row")).to_have_count(2)


def test_a_template_that_changes_under_an_open_form_loses_nothing(done: Loop, site_of: Sites, window: Windows) -> None:
    """The new questions are shown with what was typed, and it is sent when somebody has seen them."""
    site, page = site_of(done), window()
    page.goto(site.link("ann"))
    page.goto(f"{site.url}/new/pair")
    page.get_by_label("Name", exact=True).fill("notes")
    page.get_by_label("Environment").select_option(STACK)
    page.get_by_label("What it says").fill("precious")
    template = FILES["templates/pair/copier.yml"].replace("help: Without a store.", "help: Only the key.")
    done.clone.moved(**{"templates/pair/copier.yml": template})
    reading._heads.clear()
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_role("alert")).to_contain_text("was changed while this form was open")
    expect(page.get_by_label("What it says")).to_have_value("precious")
    expect(page.get_by_label("Only the key")).to_be_visible()
    page.get_by_role("button", name="Ask for it").click()
    page.wait_for_url("**/requests/req_*")


def test_what_another_decides_is_seen_without_looking_again(waiting: Loop, site_of: Sites, window: Windows) -> None:
    """On the request's page what was typed stays while others comment, and the form goes with the decision; at home
    too nothing needs anybody then."""
    site, gus, ann = site_of(waiting), window(), window()
    ann.goto(site.link("ann"))
    gus.goto(site.link("gus"))
    home = gus.context.new_page()
    home.goto(f"{site.url}/")
    expect(home.get_by_role("heading", level=1)).to_have_text("1 request needs you")
    for page in (gus, ann):
        page.goto(f"{site.url}/requests/{waiting.request}")
    gus.get_by_label("Reason").fill("looks good")
    ann.get_by_label("Say something").fill("please hurry")
    ann.get_by_role("button", name="Comment").click()
    expect(gus.locator("#comments")).to_contain_text("please hurry")
    expect(gus.get_by_label("Reason")).to_have_value("looks good")
    expect(ann.get_by_role("button", name="Take it back")).to_be_visible()
    ann.get_by_role("button", name="Take it back").click()
    expect(gus.locator("#status")).to_have_text("Rejected")
    expect(gus.get_by_role("button", name="Approve")).to_have_count(0)
    expect(home.get_by_role("heading", level=1)).to_have_text("Nothing needs you")


def test_who_is_let_approves_in_that_name(waiting: Loop, site_of: Sites, window: Windows) -> None:
    """gus lets vic until a day; vic signs as gus."""
    site, gus, vic = site_of(waiting), window(), window()
    gus.goto(site.link("gus"))
    gus.goto(f"{site.url}/approvals")
    gus.get_by_text("Let somebody approve in your name").click()
    gus.get_by_label("Who").fill("vic")
    gus.get_by_label("Until the end of").fill((clock.now() + timedelta(days=2)).date().isoformat())
    gus.get_by_role("button", name="Let them").click()
    expect(gus.get_by_text("may approve in your name").first).to_be_visible()
    vic.goto(site.link("vic"))
    vic.get_by_role("link", name="photos").first.click()
    expect(vic.get_by_label("In whose name")).to_have_value("gus")
    vic.get_by_role("button", name="Approve").click()
    expect(vic.locator("#status")).to_have_text("Applying")
    expect(vic.get_by_text("vic for gus").first).to_be_visible()


FOUND = "axe.run().then(found => found.violations.map(one => one.id + ' ' + one.nodes[0].html))"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(
    done: Loop, site_of: Sites, window: Windows, axe: str, scheme: str
) -> None:
    """On each page, at each width, in both themes."""
    waiting = done.previewed("x" * 30)
    drifted(done, f"{STACK}/photos-store", finding("changed outside", "aws_s3_bucket photos", ("tags.owner", "a", "b")))
    site, page = site_of(done), window(color_scheme=scheme, bypass_csp=True)
    with done.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
        gus = next(one for one, name in people.names(tx).items() if name == "gus")
    page.goto(site.link("root"))
    paths = (
        "/sign-in", "/", "/services", "/services?status=done", f"/services/{STACK}/photos",
        *(f"/services/{STACK}/photos/{tab}" for tab in ("history", "cost", "drift", "change")), "/drift",
        f"/environments/{STACK}/drift?component=photos-store", "/new", "/new/pair", "/approvals", "/requests",
        f"/requests/{waiting}", f"/requests/{done.request}", f"/requests/{done.request}/log", "/environments",
        f"/environments/{STACK}", f"/environments/{STACK}/instance?component=photos-key", "/policies", "/budgets",
        "/search?q=photos", "/people", "/people?may=approve&stage=dev", f"/people/{gus}", "/audit", "/activity",
        f"/why?of={STACK}/photos-store", "/nowhere",
    )  # fmt: skip
    wrong: list[str] = []
    for path in paths:
        page.goto(site.url + path)
        page.evaluate(axe)
        wrong += [f"{path}: {one}" for one in page.evaluate(FOUND)]
        if path == "/":
            page.keyboard.press("?")
            expect(page.get_by_role("dialog")).to_be_visible()
            wrong += [f"keys: {one}" for one in page.evaluate(FOUND)]
            page.keyboard.press("Escape")
        for width in (360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append(f"{path}: wider than {width}")
    assert not wrong
