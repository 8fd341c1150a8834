"""The page of the audit log."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import STACK

from gaia.console.pages import auditing
from gaia.kit import clock
from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from tests.unit.console.conftest import Browser


@pytest.fixture
def root(browser: Browser) -> Browser:
    """An admin's."""
    with browser.loop.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    browser.sign_in("root")
    return browser


def _rows(page: str) -> list[str]:
    return re.findall(r"<tr><td.*?</tr>", page, re.DOTALL)


def test_it_is_filtered_by_who_what_which_service_and_when(root: Browser) -> None:
    """Each is in the address, and stays in the form; all of them together are one question."""
    today = clock.now().date().isoformat()
    asked = _rows(root.get("/audit?by=ann&what=request").text)
    assert asked
    assert all("ann" in one for one in asked)
    for fits in ("what=request", f"stack={STACK}", "service=photos", f"since={today}&until={today}"):
        page = root.get(f"/audit?by=ann&{fits}").text
        assert _rows(page) == asked, fits
        assert 'value="ann"' in page
    for not_fitting in ("by=vic&what=request", "service=other", "stack=other", "until=2026-01-01", "what=req"):
        assert "Nothing fits" in root.get(f"/audit?{not_fitting}").text, not_fitting


def test_filters_are_kept_over_pages(root: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page goes on where the one before ended, until there is no more."""
    monkeypatch.setattr(auditing, "_MOST", 1)
    all_of_it, path = [], "/audit?what=session&by=root"
    root.sign_in("root")
    for _ in range(9):
        page = root.get(path).text
        all_of_it += _rows(page)
        older = re.search(r'href="(/audit\?[^"]*before=\d+)">Older', page)
        if not older:
            break
        path = unescape(older[1])
        assert path.startswith("/audit?by=root&what=session&")
    assert len(all_of_it) == len(set(all_of_it)) >= 2


def test_the_oldest_come_first_where_that_is_wanted(root: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The heading of the numbers leads there and back; pages go on to the newest, and filters stay."""
    root.sign_in("root")
    everything = _rows(root.get("/audit?by=root").text)
    assert len(everything) > 1
    assert 'aria-sort="descending"><a href="/audit?by=root&amp;sort=number">No.' in root.get("/audit?by=root").text
    monkeypatch.setattr(auditing, "_MOST", 1)
    found, path = [], "/audit?by=root&sort=number"
    while path:
        page = root.get(path).text
        assert 'aria-sort="ascending"><a href="/audit?by=root&amp;sort=-number">' in page
        found += _rows(page)
        newer = re.search(r'href="(/audit\?[^"]*after=\d+)">Newer', page)
        path = unescape(newer[1]) if newer else ""
    assert found == everything[::-1]


@pytest.mark.parametrize(
    "wrong", ["since=tomorrow", "until=9999-01-01", "before=x", "before=0", "by=%00", "what=" + "x" * 400]
)
def test_what_cannot_be_asked_for_is_refused(root: Browser, wrong: str) -> None:
    """With one clear error."""
    assert root.get(f"/audit?{wrong}").status_code == 422
