"""Lists are sorted by their headings, which are links; a page goes on in the same order."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from tests.unit.console.test_a_service import drift
from tests.unit.platform.loop import STACK

from gaia.console import sorting
from gaia.console.pages import requests, services

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.console.conftest import Browser
    from tests.unit.platform.loop import Loop

NAMES = ["albums", "photos", "zebra"]


def every_page(browser: Browser, path: str) -> list[str]:
    """The names on a page and on all that follow it."""
    found: list[str] = []
    while path:
        shown = browser.get(path).text
        found += re.findall(r'<a class="what"[^>]*><bdi>([^<]+)', shown)
        more = re.search(r'class="button" href="(/(?:services|requests)\?[^"]*after=[^"]*)"', shown)
        path = html.unescape(more[1]) if more else ""
    return found


def headed(text: str) -> dict[str, tuple[str, str]]:
    """Each heading that sorts: which way it is sorted by now, and where it leads."""
    found = re.findall(r'aria-sort="(\w+)"><a href="([^"]+)">([^<]+)', text)
    return {title: (way, html.unescape(path)) for way, path, title in found}


@pytest.mark.parametrize(
    ("page", "title"), [("/services", "Service"), ("/requests", "Service"), ("/services", "Asked for")]
)
def test_a_list_is_sorted_both_ways_page_by_page(
    done: Loop, browser_of: Callable[[Loop], Browser], monkeypatch: pytest.MonkeyPatch, page: str, title: str
) -> None:
    """A heading leads to its order and then to the other one; each thing stands on one page."""
    for name in ("zebra", "albums"):
        done.done(name)
    monkeypatch.setattr(services, "MOST", 2)
    monkeypatch.setattr(requests, "MOST", 2)
    browser = browser_of(done)
    browser.sign_in("ann")
    once = headed(browser.get(page).text)[title][1]
    way, back = headed(browser.get(once).text)[title]
    expected = NAMES if title == "Service" else ["albums", "zebra", "photos"]
    assert way == ("ascending" if title == "Service" else "descending")
    assert every_page(browser, once) == expected
    assert every_page(browser, back) == expected[::-1]


def test_the_instances_of_an_environment_are_sorted(done: Loop, browser_of: Callable[[Loop], Browser]) -> None:
    """By name, or by when each was looked at: what never was, is the longest ago."""
    drift(done, "photos-key")
    browser = browser_of(done)
    browser.sign_in("gus")
    path = f"/environments/{STACK}"
    shown = re.findall(r'<a class="what"[^>]*><bdi>([^<]+)', browser.get(path).text)
    assert shown == sorted(shown)
    way = headed(browser.get(path).text)["Looked at"][1]
    assert way == f"{path}?sort=-looked#h-inst"
    sorted_so = browser.get(f"{path}?sort=-looked").text
    assert re.findall(r'<a class="what"[^>]*><bdi>([^<]+)', sorted_so)[0] == "photos-key"
    assert headed(sorted_so)["Looked at"] == ("descending", f"{path}?sort=looked#h-inst")


def test_what_is_no_order_is_as_none(browser: Browser) -> None:
    """Nor is it said again; what is found and how it is sorted go together."""
    browser.sign_in("gus")
    assert browser.get("/requests?sort=-<b>&after=x/y").status_code == 200
    shown = browser.get("/requests?sort=-<b>&q=photos&show=waiting").text
    assert "&lt;b&gt;" not in shown
    assert headed(shown)["Asked for"] == ("descending", "/requests?show=waiting&q=photos&sort=asked")
    assert 'name="sort" value="-name"' in browser.get("/requests?sort=-name").text


def test_a_heading_that_sorts_by_nothing_leads_nowhere() -> None:
    """As of a cost, which is held with each estimate."""
    columns = (sorting.Column("Service", "name"), sorting.Column("A month", kind="end"))
    order = sorting.asked("month", columns, "name")
    assert (order.by, order.text) == ("name", "")
    assert [one.path for one in sorting.headings(columns, order, str)] == ["-name", ""]
