"""Signing in with a terminal, against a provider that is played."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.unit.access.oidc.issuer import AUDIENCE, CLIENT, SETTINGS, URL, Issuer

from gaia.access.oidc.device_flow import Way, ask, read_way, refresh, revoke, wait, way_of
from gaia.errors import GaiaError, Unauthenticated, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

WAY = way_of(SETTINGS)
CODE = {
    "user_code": "WDJB-MJHT", "verification_uri": f"{URL}/device", "device_code": "d", "expires_in": 60, "interval": 2,
}  # fmt: skip
GIVEN = {"access_token": "a.b.c", "refresh_token": "r", "expires_in": 300}


def answers(issuer: Issuer, path: str, *bodies: dict[str, Any]) -> None:
    """One after the other, the last one for ever."""
    left: Iterator[dict[str, Any]] = iter(bodies[:-1])

    def answer(_: dict[str, str]) -> httpx.Response:
        body = next(left, bodies[-1])
        return httpx.Response(400 if "error" in body else 200, json=body)

    issuer.answers[path] = answer


def test_a_code_is_asked_for_and_waited_for() -> None:
    """With the audience that the token is to be for; slower where the provider says so."""
    issuer, pauses = Issuer(), list[float]()
    answers(issuer, "/device", CODE)
    pending = {"error": "authorization_pending"}
    answers(issuer, "/token", pending, {"error": "slow_down"}, pending, GIVEN)
    code = ask(issuer.http, WAY)
    assert (code.user_code, code.address, code.whole_address) == ("WDJB-MJHT", f"{URL}/device", "")
    assert issuer.forms[0] == {"client_id": CLIENT, "scope": SETTINGS.scopes, "resource": AUDIENCE}
    given = wait(issuer.http, WAY, code, pauses.append)
    assert (given.access, given.refresh, given.expires_in) == ("a.b.c", "r", 300)
    assert pauses == [2, 2, 7, 7]
    assert issuer.forms[-1]["device_code"] == "d"
    assert "a.b.c" not in repr(given)
    assert "'d'" not in repr(code)


@pytest.mark.parametrize(
    ("error", "code"),
    [("access_denied", "sign-in-refused"), ("expired_token", "sign-in-expired"), ("x\x1b[2J", "sign-in-refused")],
)
def test_a_no_ends_the_waiting(error: str, code: str) -> None:
    """And is told safely."""
    issuer = Issuer()
    answers(issuer, "/device", CODE)
    answers(issuer, "/token", {"error": error})
    with pytest.raises(Unauthenticated) as caught:
        wait(issuer.http, WAY, ask(issuer.http, WAY), lambda _: None)
    assert caught.value.code == code
    assert "\x1b" not in caught.value.message


def test_a_network_that_is_away_for_a_moment_ends_nothing() -> None:
    """The code holds for minutes."""
    issuer = Issuer()
    answers(issuer, "/device", CODE)
    answers(issuer, "/token", GIVEN)
    code = ask(issuer.http, WAY)
    lost = iter([True, False])
    real = issuer.answer

    def answer(request: httpx.Request) -> httpx.Response:
        issuer.down = request.url.path == "/token" and next(lost)
        return real(request)

    issuer.answer = answer  # type: ignore[method-assign]
    assert wait(issuer.http, WAY, code, lambda _: None).access == "a.b.c"


def test_nobody_is_waited_for_for_ever() -> None:
    """When the code's time is over, so is the waiting."""
    issuer, pauses = Issuer(), list[float]()
    answers(issuer, "/device", CODE)
    answers(issuer, "/token", {"error": "authorization_pending"})
    with pytest.raises(Unauthenticated) as caught:
        wait(issuer.http, WAY, ask(issuer.http, WAY), pauses.append)
    assert (caught.value.code, sum(pauses)) == ("sign-in-expired", 60)


@pytest.mark.parametrize(
    "changed",
    [
        {"user_code": None}, {"user_code": 7}, {"verification_uri": "javascript:alert(1)"}, {"device_code": ""},
        {"verification_uri_complete": ["x"]}, {"verification_uri_complete": "file:///etc"}, {"user_code": "x" * 3000},
    ],
)  # fmt: skip
def test_a_code_that_is_none_is_told(changed: dict[str, Any]) -> None:
    """Nobody is sent anywhere but to a page."""
    issuer = Issuer()
    answers(issuer, "/device", CODE | changed)
    with pytest.raises(Unavailable) as caught:
        ask(issuer.http, WAY)
    assert caught.value.code == "issuer-unreadable"


def test_what_a_provider_cannot_do_is_told() -> None:
    """No device flow, a refusal at once, no tokens."""
    issuer = Issuer()
    answers(issuer, "/device", {"error": "unauthorized_client"})
    with pytest.raises(Unauthenticated):
        ask(issuer.http, WAY)
    del issuer.document["device_authorization_endpoint"]
    with pytest.raises(Unavailable):
        ask(issuer.http, WAY)
    for body in ({}, {"access_token": ""}, {"access_token": 7}, {"access_token": "a", "refresh_token": []}):
        answers(issuer, "/token", body)
        with pytest.raises(Unavailable):
            refresh(issuer.http, WAY, "r")


def test_tokens_are_renewed_and_given_up() -> None:
    """A provider that gives no new refresh token leaves the old one good."""
    issuer = Issuer()
    answers(issuer, "/token", GIVEN, {"access_token": "d.e.f", "expires_in": True}, {"error": "invalid_grant"})
    answers(issuer, "/revoke", {})
    assert refresh(issuer.http, WAY, "old").refresh == "r"
    again = refresh(issuer.http, WAY, "r")
    assert (again.access, again.refresh, again.expires_in) == ("d.e.f", "r", 60)
    with pytest.raises(Unauthenticated):
        refresh(issuer.http, WAY, "r")
    assert revoke(issuer.http, WAY, "r")
    assert issuer.forms[-1]["token"] == "r"
    issuer.document["revocation_endpoint"] = ""
    assert not revoke(issuer.http, WAY, "r")


def test_how_the_audience_is_asked_for_can_be_set() -> None:
    """Providers differ."""
    named = Way(URL, CLIENT, AUDIENCE, "audience", "openid")
    assert named.form() == {"client_id": CLIENT, "scope": "openid", "audience": AUDIENCE}
    unnamed = Way(URL, CLIENT, AUDIENCE, "none", "openid")
    assert unnamed.form() == {"client_id": CLIENT, "scope": "openid"}


def test_a_second_factor_is_asked_for_anew() -> None:
    """With the values of the server that one signs in for, where it has some."""
    issuer = Issuer()
    answers(issuer, "/device", CODE)
    ask(issuer.http, replace(WAY, acr_values="mfa"), step_up=True)
    ask(issuer.http, WAY, step_up=True)
    ask(issuer.http, replace(WAY, acr_values="mfa"))
    asked = [{name: form.get(name) for name in ("max_age", "prompt", "acr_values")} for form in issuer.forms]
    assert asked[0] == {"max_age": "0", "prompt": "login", "acr_values": "mfa"}
    assert asked[1] == {"max_age": "0", "prompt": "login", "acr_values": None}
    assert set(asked[2].values()) == {None}


def test_what_a_server_says_of_signing_in_is_read() -> None:
    """Or told, where it is something else."""
    said: dict[str, Any] = {
        "issuer": URL, "client_id": CLIENT, "audience": AUDIENCE, "audience_parameter": "resource",
        "scopes": SETTINGS.scopes, "new": 1,
    }  # fmt: skip
    assert read_way({"oidc": said}, "s") == WAY
    assert read_way({"oidc": said | {"acr_values": "mfa"}}, "s") == replace(WAY, acr_values="mfa")
    assert read_way({"oidc": None}, "s") is None
    wrongs: tuple[Any, ...] = ([], "x", {}, said | {"issuer": 7}, said | {"acr_values": 7})
    for wrong in wrongs:
        with pytest.raises(GaiaError) as caught:
            read_way({"oidc": wrong}, "s")
        assert caught.value.code == "server-unreadable"
