"""What people come to the page for, from the first page on, without having read anything: it takes a few clicks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.browser.seeded import seeded
from tests.browser.site import served_site
from tests.unit.platform.loop import STACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page
    from tests.browser.site import Site

    Windows = Callable[..., Page]


@dataclass
class Reader:
    """Somebody at the first page, who counts what they press."""

    page: Page
    site: Site
    pressed: int = 0

    def click(self, what: Locator) -> None:
        """On something that can be seen."""
        self.pressed += 1
        what.click()

    def open(self, name: str, *, within: str = "main") -> None:
        """A link by what stands on it."""
        self.click(self.page.locator(within).get_by_role("link", name=name).first)

    def menu(self, name: str) -> None:
        """An entry of the menu."""
        self.click(self.page.locator(".side").get_by_role("link", name=name, exact=True))

    def search(self, text: str) -> None:
        """Ctrl-K, a text, Enter."""
        self.pressed += 1
        self.page.keyboard.press("Control+k")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/search?q=*")


@pytest.fixture(scope="module")
def site(chromium: Browser) -> Iterator[Site]:  # noqa: ARG001 - first, for it may skip
    """A home in which a lot has happened."""
    with seeded() as loop, served_site(loop) as site:
        yield site


@pytest.fixture
def reader(site: Site, window: Windows) -> Callable[[str], Reader]:
    """Somebody who has signed in."""

    def begun(who: str) -> Reader:
        page = window()
        page.goto(site.link(who))
        return Reader(page, site)

    return begun


def test_who_approved(reader: Callable[[str], Reader]) -> None:
    """Of a service: its page says it, with the reason."""
    vic = reader("vic")
    vic.search("invoices")
    vic.open("invoices")
    expect(vic.page.locator(".chain")).to_contain_text("gus")
    assert vic.pressed == 2


def test_how_much_a_tenant_spends(reader: Callable[[str], Reader]) -> None:
    """Beside its name in the list of environments, and each environment's beside that."""
    ann = reader("ann")
    ann.menu("Environments")
    expect(ann.page.locator("section > header", has_text="acme")).to_contain_text(re.compile(r"\$\d+\.\d\d a month"))
    expect(ann.page.locator("a.row", has_text=STACK)).to_contain_text(re.compile(r"\$\d+\.\d\d"))
    assert ann.pressed == 1


def test_why_a_bucket_is_there(reader: Callable[[str], Reader]) -> None:
    """From the resource back to who asked for it."""
    vic = reader("vic")
    vic.search("s3_bucket")
    vic.click(vic.page.locator("section", has_text="Resources").locator("a.row").first)
    expect(vic.page.get_by_role("heading", level=1)).to_contain_text("Why")
    expect(vic.page.locator(".chain")).to_contain_text("ann")
    assert vic.pressed == 2


def test_undo_a_change(reader: Callable[[str], Reader]) -> None:
    """The answers of before stand in the form, with what that would do; nothing is done before somebody approves."""
    ann = reader("ann")
    ann.menu("Services")
    ann.open("invoices")
    ann.open("History")
    ann.open("Make it so again")
    expect(ann.page.get_by_label("What it says")).to_have_value("hello")
    expect(ann.page.locator("#outlook")).to_contain_text("Ready to ask for")
    expect(ann.page.get_by_role("button", name="Ask for the change")).to_be_visible()
    assert ann.pressed == 4


def test_undo_what_was_made(reader: Callable[[str], Reader]) -> None:
    """The page of what was done says how it is undone."""
    ann = reader("ann")
    ann.search("search-index")
    ann.click(ann.page.locator("section", has_text="Requests").locator("a.row").first)
    ann.open("Ask to retire it")
    expect(ann.page.get_by_role("button", name="Ask to retire it")).to_be_visible()
    assert ann.pressed == 3


def test_what_waits_for_me(reader: Callable[[str], Reader]) -> None:
    """The first page begins with it."""
    gus = reader("gus")
    expect(gus.page.get_by_role("heading", level=1)).to_have_text(re.compile("needs? you"))
    expect(gus.page.locator("section", has_text="Needs you").locator("a.row").first).to_be_visible()
    assert gus.pressed == 0


def test_what_changed_yesterday(reader: Callable[[str], Reader]) -> None:
    """A day at a time, from the first page."""
    vic = reader("vic")
    vic.open("Day by day")
    expect(vic.page.locator("a.row", has_text="was asked for by ann").first).to_be_visible()
    vic.open("The day before")
    expect(vic.page.locator(".lead")).to_contain_text("Yesterday")
    expect(vic.page.get_by_text("Nothing happened that you may see")).to_be_visible()
    assert vic.pressed == 2


def test_who_may_approve_somewhere(reader: Callable[[str], Reader]) -> None:
    """An admin asks for it by what and where."""
    root = reader("root")
    root.menu("People")
    root.page.get_by_label("Who may").select_option("approve")
    root.page.get_by_label("In the stage").select_option("dev")
    root.click(root.page.get_by_role("button", name="Show"))
    table = root.page.locator("table").first
    expect(table).to_contain_text("gus")
    expect(table).not_to_contain_text("ann")
    assert root.pressed == 2


def test_which_services_drifted(reader: Callable[[str], Reader]) -> None:
    """By the service that an instance is of; in the list of services too."""
    vic = reader("vic")
    vic.menu("Drift")
    for service in ("photos", "invoices"):
        expect(vic.page.locator("a.row", has_text=f"of the service {service}")).to_have_count(1)
    vic.menu("Services")
    expect(vic.page.locator(".row", has_text="Drifted")).to_have_count(2)
    assert vic.pressed == 2


def test_what_will_end_this_week(reader: Callable[[str], Reader]) -> None:
    """The first page says it."""
    vic = reader("vic")
    expect(vic.page.locator(".card", has_text="Ends within a week")).to_contain_text("festival")
    assert vic.pressed == 0


def test_who_destroyed_it(reader: Callable[[str], Reader]) -> None:
    """Who asked for its end and who approved that; the address that it had leads there too."""
    vic = reader("vic")
    vic.search("thumbnails")
    vic.click(vic.page.locator("a.row", has_text="retire").first)
    expect(vic.page.get_by_role("heading", level=1)).to_have_text("Retire thumbnails")
    expect(vic.page.locator("main")).to_contain_text("asked for by ann")
    expect(vic.page.locator("#deciding")).to_contain_text("gus approved")
    assert vic.pressed == 2
    vic.page.goto(f"{vic.site.url}/services/{STACK}/thumbnails")
    expect(vic.page.locator(".lead")).to_contain_text("ann asked for that")
