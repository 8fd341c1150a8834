"""Lists that are sorted and filtered, what opens and closes, and what is taken elsewhere: copied, printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.unit.platform.loop import STACK

from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page
    from tests.browser.site import Site
    from tests.unit.platform.loop import Loop

    Windows = Callable[..., Page]
    Sites = Callable[[Loop], Site]


def names(page: Page) -> list[str]:
    """Of the rows that a page shows."""
    return page.locator("#rows .row .what").all_inner_texts()


def test_a_list_is_sorted_by_its_headings_without_script(done: Loop, site_of: Sites, window: Windows) -> None:
    """What it is sorted by is told to who cannot see the arrow; a whole row leads to what it is of."""
    done.done("albums")
    site, page = site_of(done), window(java_script_enabled=False)
    page.goto(site.link("gus"))
    page.goto(f"{site.url}/services")
    for way, found in (("ascending", ["albums", "photos"]), ("descending", ["photos", "albums"])):
        page.get_by_role("link", name="Service", exact=True).click()
        expect(page.get_by_role("columnheader", name="Service")).to_have_attribute("aria-sort", way)
        expect(page.get_by_role("columnheader", name="Environment")).to_have_attribute("aria-sort", "none")
        assert names(page) == found
    page.locator("#rows .row").first.click(position={"x": 400, "y": 8})
    expect(page.get_by_role("heading", level=1)).to_have_text("photos")


def test_what_is_typed_keeps_the_order(done: Loop, site_of: Sites, window: Windows) -> None:
    """And what is found has the headings too."""
    done.done("phones")
    site, page = site_of(done), window()
    page.goto(site.link("gus"))
    page.goto(f"{site.url}/requests?sort=-name")
    page.get_by_label("Service, template or id").fill("pho")
    page.wait_for_url("**/requests?*q=pho*")
    assert names(page) == ["photos", "phones"]
    expect(page.get_by_role("columnheader", name="Service")).to_have_attribute("aria-sort", "descending")


def test_the_audit_log_is_filtered_by_a_form(done: Loop, site_of: Sites, window: Windows) -> None:
    """Who, what and when, each as the address has it; one button shows everything again."""
    with done.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    site, page = site_of(done), window()
    page.goto(site.link("root"))
    page.goto(f"{site.url}/audit")
    rows = page.locator("tbody tr")
    everything = rows.count()
    page.get_by_label("Who", exact=True).fill("gus")
    page.get_by_label("What", exact=True).fill("request.approved")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**/audit?*by=gus*")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("request.approved")
    expect(page.get_by_label("Who", exact=True)).to_have_value("gus")
    page.get_by_role("link", name="Show all").click()
    expect(rows).to_have_count(everything)
    assert everything > 1


def test_escape_closes_what_was_opened(done: Loop, site_of: Sites, window: Windows) -> None:
    """The keys, the menu of a narrow screen, a fold; and whoever closed it is where they were."""
    site, page = site_of(done), window(viewport={"width": 360, "height": 800})
    page.goto(site.link("gus"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_have_count(0)
    menu = page.locator(".top summary")
    menu.click()
    expect(page.locator(".top .sheet")).to_be_visible()
    page.locator(".top .sheet").get_by_role("link", name="Drift").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".top .sheet")).not_to_be_visible()
    expect(menu).to_be_focused()
    menu.click()
    page.mouse.click(180, 790)
    expect(page.locator(".top .sheet")).not_to_be_visible()
    page.goto(f"{site.url}/services/{STACK}/photos")
    fold = page.locator("summary", has_text="In a terminal")
    fold.click()
    expect(page.locator("code", has_text="gaia why photos")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("code", has_text="gaia why photos")).not_to_be_visible()
    expect(fold).to_be_focused()


def test_a_command_is_copied_and_that_is_said(done: Loop, site_of: Sites, window: Windows) -> None:
    """Also to who does not see the button."""
    site, page = site_of(done), window(permissions=["clipboard-read", "clipboard-write"])
    page.goto(site.link("gus"))
    page.goto(f"{site.url}/requests/{done.request}")
    page.locator("summary", has_text="In a terminal").click()
    page.get_by_role("button", name="Copy the command: See it").click()
    expect(page.locator("#copied")).to_have_text("Copied the command: See it")
    assert page.evaluate("navigator.clipboard.readText()") == f"gaia status {done.request}"


def test_a_request_is_printed_whole(waiting: Loop, site_of: Sites, window: Windows) -> None:
    """Also what is folded up on the screen; neither menu nor buttons."""
    site, page = site_of(waiting), window()
    page.goto(site.link("gus"))
    page.goto(f"{site.url}/requests/{waiting.request}")
    folded = page.locator("details.resource:not([open]) .diff").first
    assert height(folded) == 0
    page.emulate_media(media="print")
    assert height(folded) > 0
    for gone in (".side", ".bar", "button", ".elsewhere"):
        assert all(not one.is_visible() for one in page.locator(gone).all())
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    expect(page.locator("h1")).to_have_text(re.compile("photos"))


def height(what: Locator) -> float:
    """How much room it takes."""
    found: float = what.evaluate("one => one.checkVisibility() ? one.getBoundingClientRect().height : 0")
    return found


def test_a_graph_scrolls_in_its_own_box_on_a_narrow_screen(done: Loop, site_of: Sites, window: Windows) -> None:
    """At the size of its letters, by keyboard too; the page does not move."""
    site, page = site_of(done), window(viewport={"width": 360, "height": 800})
    page.goto(site.link("gus"))
    page.goto(f"{site.url}/environments/{STACK}")
    box = page.locator(".wrap")
    assert box.evaluate("one => one.scrollWidth > one.clientWidth && one.clientWidth <= 360")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box.focus()
    box.evaluate("one => { window.moved = new Promise(done => one.addEventListener('scroll', done, {once: true})) }")
    page.keyboard.press("ArrowRight")
    page.evaluate("window.moved.then(() => 1)")
    assert box.evaluate("one => one.scrollLeft") > 0
