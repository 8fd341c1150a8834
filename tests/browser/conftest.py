"""A real browser on the page of a real platform. What the browser complains about fails the test."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.site import served_site
from tests.unit.platform.conftest import approved, done, loop, loop_at, stages, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
    from tests.browser.site import Site
    from tests.unit.platform.loop import Loop

__all__ = ["approved", "done", "loop", "loop_at", "stages", "waiting"]
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""Without these Chromium looks for hosts of its maker at every start."""
REFUSALS = "the server responded with a status of 4"
"""What the console says of each answer that refuses: tests ask for some."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; the test is skipped where there is none, and fails in CI."""
    sync_api = pytest.importorskip("playwright.sync_api")
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("GAIA_REQUIRE_TOOLS"):
            pytest.fail("chromium is not installed: make tools")
        pytest.skip("chromium is not installed: make tools")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def site_of(chromium: Browser) -> Iterator[Callable[[Loop], Site]]:  # noqa: ARG001 - first, for it may skip
    """The page of a loop."""
    opened = []

    def begin(loop: Loop) -> Site:
        context = served_site(loop)
        opened.append(context)
        return context.__enter__()

    yield begin
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture
def window(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A window of a browser of its own, with nobody's cookies; takes what `Browser.new_context` does."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and REFUSALS not in message.text:
            complaints.append(f"{message.type}: {message.text}")

    def opened(**options: object) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which `make tools` takes from npm."""
    path = Path(__file__).parents[2] / ".tools/axe/node_modules/axe-core/axe.min.js"
    if not path.is_file():
        if os.environ.get("GAIA_REQUIRE_TOOLS"):
            pytest.fail("axe-core is not installed: make tools")
        pytest.skip("axe-core is not installed: make tools")
    return path.read_text()
