"""What a terminal keeps of signing in: who may read it, when it is renewed, what is done when it cannot be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.unit.access.oidc.issuer import SETTINGS, Issuer

from gaia.bootstrap import App
from gaia.bootstrap.logging_in import LoggingIn
from gaia.bootstrap.server_url import server_url
from gaia.errors import Invalid, Unauthenticated, Unavailable
from gaia.kit import clock

if TYPE_CHECKING:
    from gaia.settings import Settings

CODE = {"user_code": "W", "verification_uri": "https://login.example.com/d", "device_code": "d", "expires_in": 60}


class Terminal:
    """A terminal of this home, at a provider that gives tokens with numbers."""

    def __init__(self, settings: Settings, *, lasting: int = 300) -> None:
        self.issuer, self.number, self.refused = Issuer(), 0, False
        self.lasting = lasting
        self.settings = replace(settings, oidc=SETTINGS)
        self.issuer.answers["/device"] = lambda _: httpx.Response(200, json=CODE)
        self.issuer.answers["/revoke"] = lambda _: httpx.Response(200)
        self.issuer.answers["/token"] = self._give
        self.entering = LoggingIn(self.settings, self.issuer.http)
        self.file = settings.home / "logins.json"

    def sign_in(self) -> None:
        """As `gaia login`."""
        way = self.entering.way()
        self.entering.wait(way, self.entering.ask(way), lambda _: None)

    def _give(self, _: dict[str, str]) -> httpx.Response:
        self.number += 1
        if self.refused:
            return httpx.Response(400, json={"error": "invalid_grant"})
        made = {"access_token": f"a.{self.number}.c", "refresh_token": f"r{self.number}", "expires_in": self.lasting}
        return httpx.Response(200, json=made)


@pytest.fixture(name="terminal")
def at(settings: Settings) -> Terminal:
    """Nobody has signed in."""
    return Terminal(settings)


def test_what_is_given_is_kept_for_its_owner_alone(terminal: Terminal) -> None:
    """A file each can read would be everybody's token."""
    assert terminal.entering.token() is None
    assert not terminal.entering.is_in()
    terminal.sign_in()
    assert terminal.file.stat().st_mode & 0o777 == 0o600
    assert terminal.entering.token() == "a.1.c"
    assert terminal.entering.is_in()
    assert LoggingIn(replace(terminal.settings, url="https://other.example.com"), terminal.issuer.http).token() is None


def test_a_token_that_ends_soon_is_renewed(settings: Settings) -> None:
    """Once, and the new refresh token is the one that is kept."""
    terminal = Terminal(settings, lasting=59)
    terminal.sign_in()
    terminal.lasting = 300
    assert [terminal.entering.token() for _ in range(3)] == ["a.2.c"] * 3
    assert terminal.issuer.forms[-1]["refresh_token"] == "r1"
    assert json.loads(terminal.file.read_text())[""]["refresh"] == "r2"


def test_one_that_cannot_be_renewed_is_used_until_it_ends(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then somebody has to sign in again; a provider that is away is another thing than one that says no."""
    terminal = Terminal(settings, lasting=30)
    terminal.sign_in()
    terminal.refused = True
    assert terminal.entering.token() == "a.1.c"
    later = clock.now() + timedelta(seconds=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Unauthenticated) as caught:
        terminal.entering.token()
    assert caught.value.code == "sign-in-expired"
    terminal.issuer.down = True
    with pytest.raises(Unavailable) as away:
        terminal.entering.token()
    assert away.value.code == "issuer-unreachable"


def test_signing_out_forgets_and_has_it_forgotten(terminal: Terminal) -> None:
    """Here first, so that a provider that is away keeps nobody signed in."""
    terminal.sign_in()
    assert terminal.entering.leave()
    assert terminal.issuer.forms[-1]["token"] == "r1"
    assert terminal.entering.token() is None
    assert not terminal.entering.leave()
    terminal.sign_in()
    terminal.issuer.down = True
    with pytest.raises(Unavailable):
        terminal.entering.leave()
    assert not terminal.entering.is_in()


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"": []}', '{"": {}}', '{"": {"way": 7}}', '{"": {"way": {}, "access": "a"}}']
)
def test_a_damaged_file_is_told(terminal: Terminal, content: str) -> None:
    """And how to begin again."""
    terminal.sign_in()
    terminal.file.write_text(content)
    with pytest.raises(Unavailable) as caught:
        terminal.entering.token()
    assert caught.value.code == "logins-damaged"


def test_without_a_provider_nobody_signs_in(settings: Settings) -> None:
    """The next step is a token."""
    with pytest.raises(Unavailable) as caught:
        LoggingIn(settings).way()
    assert caught.value.code == "sign-in-not-set"


def test_gaias_own_token_comes_first(terminal: Terminal) -> None:
    """Whoever sets it means it."""
    terminal.sign_in()
    assert App(replace(terminal.settings, token="gaia_tok_x")).token() == "gaia_tok_x"
    assert App(terminal.settings).token() == "a.1.c"


def test_a_file_that_others_can_read_is_no_secret(terminal: Terminal) -> None:
    """It is refused, with what makes it one's own again; until then nothing in it is used."""
    terminal.sign_in()
    terminal.file.chmod(0o644)
    with pytest.raises(Unavailable) as caught:
        terminal.entering.token()
    assert (caught.value.code, caught.value.next_step) == ("logins-exposed", f"Run: chmod 600 {terminal.file}")
    terminal.file.chmod(0o600)
    assert terminal.entering.token() == "a.1.c"


@pytest.mark.parametrize(
    ("url", "private", "code"),
    [
        ("http://gaia.example.com", "", "url-plain"),
        ("http://10.0.0.7:8080", "", "url-plain"),
        ("http://localhost.example.com", "", "url-plain"),
        ("http://127.0.0.1.example.com", "", "url-plain"),
        ("http://127.0.0.1@gaia.example.com", "", "url-plain"),
        ("http://gaia.example.com", "yes", "url-plain"),
        ("http://gaia.example.com", "1", ""),
        ("http://127.0.0.1:8080", "", ""),
        ("http://[::1]:8080", "", ""),
        ("http://localhost:8080", "", ""),
        ("https://gaia.example.com", "", ""),
        ("gaia.example.com", "", "url-invalid"),
        ("http://", "", "url-invalid"),
        ("http://[", "", "url-invalid"),
    ],
)
def test_a_token_is_not_sent_to_another_host_in_clear(settings: Settings, url: str, private: str, code: str) -> None:
    """Unless somebody says that the network is their own; neither is it asked how to sign in there."""
    there = replace(settings, url=url, environ={**settings.environ, "GAIA_URL_PRIVATE": private})
    if not code:
        assert server_url(there) == url
        return
    with pytest.raises(Invalid) as caught, App(there).remote():
        pass
    assert caught.value.code == code
    with pytest.raises(Invalid):
        LoggingIn(there).way()
