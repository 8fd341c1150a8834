"""`python -m tests.browser.screenshots [FOLDER]`: every page at three widths, light and dark, for people to look at."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from tests.browser.conftest import ARGUMENTS
from tests.browser.seeded import seeded
from tests.browser.site import served_site
from tests.unit.platform.loop import STACK

from gaia.records import people

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.browser.site import Site

WIDTHS = (360, 768, 1440)
FOLDER = Path(".nightly/screenshots")


def addresses(site: Site) -> dict[str, str]:
    """Name → path of each page, and of those states of it that look otherwise."""
    services = f"/services/{STACK}"
    with site.loop.platform.database.read() as tx:
        ids = {name: one for one, name in people.names(tx).items()}
    by_service = {one.service: one.id for one in reversed(site.loop.as_("ann").requests())}
    return {
        "sign-in": "/sign-in", "home": "/", "services": "/services", "services-none": "/services?q=nothing-like-it",
        "service": f"{services}/photos", "history": f"{services}/photos/history", "cost": f"{services}/photos/cost",
        "drift": f"{services}/photos/drift", "change": f"{services}/photos/change", "new": "/new",
        "form": "/new/pair", "form-long": "/new/object-store", "approvals": "/approvals", "requests": "/requests",
        "request-waiting": f"/requests/{site.loop.request}", "request-parked": f"/requests/{by_service['letters']}",
        "request-running": f"/requests/{by_service['reports']}",
        "request-denied": f"/requests/{by_service['public-files']}",
        "request-done": f"/requests/{by_service['invoices']}", "log": f"/requests/{by_service['invoices']}/log",
        "environments": "/environments", "environment": f"/environments/{STACK}",
        "instance": f"/environments/{STACK}/instance?component=photos-store", "drift-all": "/drift",
        "policies": "/policies", "budgets": "/budgets", "search": "/search?q=photos", "people": "/people",
        "people-who-may": "/people?may=approve&stage=dev", "person": f"/people/{ids['gus']}", "audit": "/audit",
        "activity": "/activity", "why": f"/why?of={STACK}/photos-store",
        "nowhere": "/nowhere",
    }  # fmt: skip


def take(browser: Browser, site: Site, folder: Path, only: tuple[str, ...], who: str) -> None:
    """One picture for each page, width and theme."""
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(site.link(who))
        for name, path in addresses(site).items():
            if only and name not in only:
                continue
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(site.url + path, wait_until="load")
                page.wait_for_timeout(300)  # what comes by itself: budgets, for instance
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
        page.close()


def main() -> None:
    """Arguments: names of pages, or none for all; `as=gus` for another person."""
    given = [one for one in sys.argv[1:] if "=" not in one]
    who = next((one.partition("=")[2] for one in sys.argv[1:] if one.startswith("as=")), "root")
    FOLDER.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium")
    with seeded() as loop, served_site(loop) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        take(browser, site, FOLDER, tuple(given), who)
        browser.close()
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}\n")


if __name__ == "__main__":
    main()
