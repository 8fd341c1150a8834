"""The keys of a provider, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey, RSAKey
from tests.unit.access.oidc.issuer import NOW, SETTINGS, URL, Issuer, key

from gaia.access.oidc.discovery import Discovered, discover
from gaia.access.oidc.tokens import access_identity
from gaia.errors import Unauthenticated, Unavailable
from gaia.kit import outgoing

if TYPE_CHECKING:
    from gaia.access.oidc.keys import Keys


@dataclass
class Clock:
    """Time that a test moves on."""

    at: float = 1000.0

    def __call__(self) -> float:
        """What it is."""
        return self.at


def good(keys: Keys, token: str) -> bool:
    """Whether a token is believed."""
    try:
        access_identity(token, keys, SETTINGS, NOW)
    except Unauthenticated:
        return False
    return True


def test_keys_are_asked_for_once() -> None:
    """And not again for each token."""
    issuer = Issuer()
    keys = issuer.found(Clock())
    assert all(good(keys, issuer.token(sub=f"u-{n}")) for n in range(5))
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


def test_a_new_key_is_taken_up_when_it_is_first_used() -> None:
    """A provider changes its keys when it likes; the old one goes."""
    issuer, clock = Issuer(key("ES256", "one")), Clock()
    keys, old = issuer.found(clock), issuer.token()
    assert good(keys, old)
    issuer.keys = [key("ES256", "two")]
    clock.at += 11
    assert good(keys, issuer.token())
    assert not good(keys, old)


def test_made_up_names_of_keys_are_asked_for_now_and_then_only() -> None:
    """Who sends them would have the provider be asked with each."""
    issuer, clock = Issuer(), Clock()
    keys = issuer.found(clock)
    assert good(keys, issuer.token())
    for n in range(50):
        assert not good(keys, issuer.token(header={"kid": f"made-up-{n}"}))
    assert issuer.asked.count("/keys") == 1
    clock.at += 11
    for n in range(50):
        assert not good(keys, issuer.token(header={"kid": f"made-up-{n}"}))
    assert issuer.asked.count("/keys") == 2


def test_a_key_that_was_withdrawn_goes_within_an_hour() -> None:
    """Although nobody names a new one."""
    issuer, clock = Issuer(key("ES256", "one"), key("ES256", "two")), Clock()
    keys, token = issuer.found(clock), issuer.token()
    assert good(keys, token)
    issuer.keys.pop(0)
    clock.at += 3601
    assert not good(keys, token)


def test_keys_hold_for_a_while_when_the_provider_is_away() -> None:
    """Who has signed in goes on working; after a day nobody knows any more."""
    issuer, clock = Issuer(), Clock()
    keys, token = issuer.found(clock), issuer.token()
    assert good(keys, token)
    issuer.down = True
    clock.at += 7200
    assert good(keys, token)
    clock.at += 86400
    with pytest.raises(Unavailable) as caught:
        good(keys, token)
    assert caught.value.code == "issuer-unreachable"


def test_a_provider_that_is_away_is_not_asked_with_each_call() -> None:
    """It is told at once, and tried again a little later."""
    issuer, clock = Issuer(), Clock()
    issuer.down = True
    keys = issuer.found(clock)
    for _ in range(5):
        with pytest.raises(Unavailable):
            good(keys, issuer.token())
    assert len(issuer.asked) == 1
    issuer.down = False
    clock.at += 11
    assert good(keys, issuer.token())


def test_a_token_without_a_name_of_its_key_needs_a_provider_with_one() -> None:
    """Of two that could be meant, none is guessed."""
    one = Issuer()
    assert good(one.found(Clock()), one.token(header={"kid": None}))
    two = Issuer(key("ES256", "one"), key("ES256", "two"))
    assert not good(two.found(Clock()), two.token(header={"kid": None}))


def test_private_parts_that_a_provider_gives_away_are_not_kept() -> None:
    """And a key that is too small, or that is none, is left out."""
    issuer = Issuer()
    mine = issuer.keys[0].as_dict(private=True)
    with pytest.warns(SecurityWarning):
        small = RSAKey.generate_key(1024, {"kid": "small"}).as_dict(private=False)
    more: list[Any] = [small, {"kty": "oct", "k": "AAAA"}, {"kty": "EC"}, {"kty": "RSA", "n": 7, "e": []}, "x", None]
    issuer.answers["/keys"] = lambda _: httpx.Response(200, json={"keys": [*more, mine]})
    keys = issuer.found(Clock())
    with pytest.warns(SecurityWarning):
        assert good(keys, issuer.token())
    assert not keys.find("one", "ES256").is_private
    with pytest.raises(Unauthenticated):
        keys.find("small", "RS256")
    assert isinstance(key("EdDSA", "x"), OKPKey)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", URL + "/"), ("issuer", None), ("jwks_uri", "https://evil.example.com/keys"), ("jwks_uri", None),
        ("jwks_uri", "http://login.example.com/keys"), ("jwks_uri", 7), ("jwks_uri", "https://[x"),
        ("token_endpoint", "https://login.example.com.evil.com/token"), ("token_endpoint", "//evil.example.com"),
        ("authorization_endpoint", "https://login.example.com@evil.com/"), ("device_authorization_endpoint", []),
        ("revocation_endpoint", "https://login.example.com:444/x"),
    ],
)  # fmt: skip
def test_a_provider_leads_to_no_other_host(name: str, value: object) -> None:
    """What it says about itself is believed of itself alone."""
    issuer = Issuer()
    issuer.document[name] = value
    if value == []:
        issuer.document[name] = ["https://login.example.com"]
    with pytest.raises(Unavailable) as caught:
        discover(issuer.http, URL)
    assert caught.value.code == "issuer-unreadable"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"), httpx.Response(200, json=[]), httpx.Response(500, json={}),
        httpx.Response(302, headers={"Location": "https://evil.example.com"}), httpx.Response(200, content=b"\xff"),
        httpx.Response(200, text="[" * 100_000),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_told(answer: httpx.Response) -> None:
    """A page for people, a proxy's error, a redirect."""
    issuer = Issuer()
    issuer.answers["/.well-known/openid-configuration"] = lambda _: answer
    with pytest.raises(Unavailable) as caught:
        discover(issuer.http, URL)
    assert caught.value.code == "issuer-unreadable"


def test_what_a_provider_says_is_kept_while_it_is_away() -> None:
    """It is asked again after an hour."""
    issuer, clock = Issuer(), Clock()
    found = Discovered(issuer.http, URL, clock)
    first = found.get()
    clock.at += 3601
    issuer.down = True
    assert found.get() is first
    issuer.down = False
    assert found.get() is not first


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "https://10.0.0.1", "ftp://login.example.com", "https://a@b"])
def test_a_provider_that_may_not_be_called_is_no_fault_of_callers(issuer: str) -> None:
    """Whoever set it is told what to set."""
    with pytest.raises(Unavailable) as caught:
        discover(outgoing.client, issuer)
    assert caught.value.code == "issuer-refused"
    assert "GAIA_OIDC_PRIVATE" in caught.value.next_step
