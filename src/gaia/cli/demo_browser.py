"""The people of the demo at the page, in a real browser: `python -m gaia.cli.demo_browser`.

A process of its own, which the demo ends like everything else that it began: a line of JSON comes in, one goes out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.sync_api import Browser, Locator, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""What Chromium is called where the system has it."""
_QUIET = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""Without these it looks for hosts of its maker at every start."""
_PATIENCE = 60_000
"""Milliseconds until the page has to show something."""
_LONGEST = 60
"""Bytes of a path: that of a socket has at most 103, and Chromium's has 43 below TMPDIR."""
_SEEN = 250
"""Milliseconds between two acts where somebody watches."""


class People:
    """Each person has a window of their own, with their own cookies."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._windows: dict[str, Page] = {}
        self._last: dict[str, str] = {}
        """The last line of a log that each has seen."""

    def sign_in(self, who: str, link: str) -> str:
        """By a link that holds once. Returns what the page says first."""
        page = self._browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(_PATIENCE)
        page.goto(link)
        self._windows[who] = page
        return _said(page.get_by_role("heading", level=1))

    def order(self, who: str, order: Mapping[str, Any]) -> dict[str, str]:
        """Fill the form in and send it. Returns the request, and what the form said of it before."""
        page = self._windows[who]
        page.get_by_role("link", name="New service").first.click()
        page.locator('a[href$="/new/{}"]'.format(order["template"])).click()
        page.locator('[name="service"]').fill(order["service"])
        page.locator('[name="stack"]').select_option(order["stack"])
        for name, value in order["answers"].items():
            page.locator(f'[name="answer.{name}"]').fill(value)
        ready = page.locator("#outlook").get_by_text("Ready to ask for")
        ready.wait_for()
        said = _said(ready)
        page.get_by_role("button", name="Ask for it").click()
        page.wait_for_url("**/requests/req_*")
        return {"request": page.url.rpartition("/")[2], "outlook": said}

    def look(self, who: str) -> dict[str, Any]:
        """What the page of a request shows now, which follows by itself: its state, and the new lines of its log."""
        page = self._windows[who]
        page.wait_for_timeout(500)
        status = _said(page.locator("#status"))
        lines = [_line(line) for line in page.locator("#log p:has(time)").all_inner_texts()]
        known = self._last.get(who)
        fresh = lines[len(lines) - lines[::-1].index(known) :] if known in lines else lines
        self._last[who] = lines[-1] if lines else ""
        return {"status": status, "lines": fresh}

    def preview(self, who: str) -> dict[str, Any]:
        """What would change and cost, and whether the page lets this person approve."""
        page = self._windows[who]
        sums, cost = page.locator("section:has(#h-plan) > header span"), page.locator("section:has(#h-cost) .figure")
        return {
            "change": [" ".join(one.split()) for one in sums.all_inner_texts()],
            "cost": _said(cost.first) if cost.count() else "",
            "may_approve": page.get_by_role("button", name="Approve", exact=True).count() > 0,
        }

    def approve(self, who: str, service: str, reason: str) -> str:
        """Find it on the first page, open it, sign it. Returns its state."""
        page = self._windows[who]
        page.get_by_role("link", name=re.compile(rf"\b{re.escape(service)}\b")).first.click()
        page.get_by_label("Reason").fill(reason)
        page.get_by_role("button", name="Approve", exact=True).click()
        page.locator("#status", has_text=re.compile("Applying|Approved|Done")).wait_for()
        return _said(page.locator("#status"))

    def service(self, who: str) -> dict[str, Any]:
        """Open the service that a request has made: its outputs, and why it is here."""
        page = self._windows[who]
        page.reload()  # one that waits for a decision follows nothing
        page.get_by_role("link", name="Open the service").click()
        page.wait_for_url("**/services/**")
        rows = page.locator("section:has(#h-out) tr").all_inner_texts()
        chain = [page.locator(f"section:has(#h-why) .chain {part}").all_inner_texts() for part in ("dt", "dd")]
        why = [_line(" ".join(one)) for one in zip(*chain, strict=True)]
        return {"outputs": [" = ".join(row.split(maxsplit=1)) for row in rows], "why": why}


def _said(place: Locator) -> str:
    return _line(place.inner_text())


def _line(text: str) -> str:
    return " ".join(text.split())


def found() -> str | None:
    """Chromium's program on PATH."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> None:
    """Answer each line until there is none; what goes wrong is an answer, too."""
    from playwright.sync_api import Error, sync_playwright

    if len(os.fsencode(tempfile.gettempdir())) > _LONGEST:
        sys.stderr.write("TMPDIR is too long a path for the socket that Chromium puts there\n")
        sys.exit(1)
    shown = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    arguments = [*_QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=found(),
                args=arguments,
                headless=not shown,
                slow_mo=_SEEN if shown else 0,
                timeout=2 * _PATIENCE,
            )
        except Error as error:  # the first lines say what it is, the rest is for who knows Chromium
            sys.stderr.write(_line(error.message[:300]) + "\n")
            sys.exit(1)
        people = People(browser)
        acts: dict[str, Callable[..., object]] = {
            "sign_in": people.sign_in, "order": people.order, "look": people.look, "preview": people.preview,
            "approve": people.approve, "service": people.service, "shown": lambda: shown,
        }  # fmt: skip
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                _answer({"said": acts[asked.pop("do")](**asked)})
            except Error as error:
                _answer({"failed": error.message.splitlines()[0]})


def _answer(what: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
