"""A real provider of identities as a process, and a person with a browser who signs in there."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx
import pytest
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ROOT / ".tools/identities"
SCRIPT = Path(__file__).with_name("provider.mjs")
AUDIENCE = "https://gaia.example.com/api"
_FORM = re.compile(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", re.DOTALL)
_INPUT = re.compile(r"<input[^>]*name=\"([^\"]*)\"(?:[^>]*value=\"([^\"]*)\")?")


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def provider(port: int, redirect: str, *, key: str = "one", seconds: int = 600, strict: bool = False) -> Iterator[str]:
    """Its URL, until the block ends. `key` is the name of a key that is made anew; `seconds` an access token holds.

    `strict`: it asks for a second factor only where that is asked of it.
    """
    node = shutil.which("node")
    if node is None or not (PACKAGES / "installed").exists():
        pytest.skip("oidc-provider is not installed (`make tools`, which takes Node.js)")
    process = subprocess.Popen(
        [node, SCRIPT, PACKAGES, str(port), AUDIENCE, redirect, key, str(seconds), "strict" if strict else ""],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@dataclass
class Browser:
    """Follows redirects, fills in forms, and keeps cookies: also those for TLS alone, as browsers do on loopback."""

    name: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, url: str, **headers: str) -> httpx.Response:
        """One page."""
        return self._call("GET", url, headers=headers)

    def post(self, url: str, form: dict[str, str], **headers: str) -> httpx.Response:
        """Send a form."""
        return self._call("POST", url, data=form, headers=headers)

    def sign_in(self, url: str, until: str) -> httpx.Response:
        """Go on, signing in and agreeing, until a page comes that lies at `until` or has nothing to fill in."""
        answered = self.get(url)
        for _ in range(20):
            if "location" in answered.headers:
                url = urljoin(url, answered.headers["location"])
                if url.startswith(until):
                    return self.get(url)
                answered = self.get(url)
                continue
            form = _FORM.search(answered.text)
            if form is None:
                return answered
            url = urljoin(url, unescape(form[1]))
            given = {unescape(name): unescape(value) for name, value in _INPUT.findall(form[2])}
            given |= {"login": self.name, "password": "any"} if "login" in given else {}
            given |= {"confirm": "yes"} if "/device" in url else {}
            answered = self.post(url, given)
        raise AssertionError(answered.text)

    def _call(self, method: str, url: str, **more: object) -> httpx.Response:
        with httpx.Client(trust_env=False) as calls:
            held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {**more.pop("headers", {}), "Cookie": held}  # type: ignore[dict-item]
            answered = calls.request(method, url, headers=headers, **more)  # type: ignore[arg-type]
        for one in answered.headers.get_list("set-cookie"):
            name, _, rest = one.partition("=")
            value = rest.partition(";")[0]
            if value and "max-age=0" not in rest.lower():
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answered
