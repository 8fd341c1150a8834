"""The page over a platform on a real database; what stands below the platform is played."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from tests.unit.api.conftest import served_of
from tests.unit.platform.conftest import approved, done, loop, loop_at, stages, waiting

from gaia.api.app import make_api
from gaia.console.app import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httpx import Response
    from tests.unit.platform.loop import Loop

    from gaia.bootstrap.served import Served

__all__ = ["approved", "done", "loop", "loop_at", "stages", "waiting"]
ADDRESS = "https://localhost"


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies and follows to where it is sent."""

    client: TestClient
    served: Served
    loop: Loop

    def sign_in(self, who: str) -> Response:
        """With a link."""
        return self.get(f"/login/{self.served.signing_in.make_link(who)}")

    def get(self, path: str, **headers: str) -> Response:
        """Open a page."""
        found: Response = self.client.get(path, headers={"accept": "text/html", **headers})
        return found

    def token(self) -> str:
        """What a form of this session carries."""
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.get("/new/pair").text)
        assert found
        return found[1]

    def post(self, path: str, *, token: str | None = None, site: str = "same-origin", **form: str) -> Response:
        """Send a form, as a page of ours would."""
        fields = {"token": self.token() if token is None else token, **form}
        headers = {"accept": "text/html", "sec-fetch-site": site}
        found: Response = self.client.post(path, data=fields, headers=headers)
        return found


@pytest.fixture
def browser_of() -> Iterator[Callable[[Loop], Browser]]:
    """A browser for the page of a loop."""
    opened: list[TestClient] = []

    def made(loop: Loop) -> Browser:
        served = served_of(loop)
        client = TestClient(make_api(served, page=Console), base_url=ADDRESS, raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return Browser(client, served, loop)

    yield made
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def browser(waiting: Loop, browser_of: Callable[[Loop], Browser]) -> Browser:
    """Where one request waits for gus; nobody has signed in."""
    return browser_of(waiting)
