"""Signing in over HTTP: bearer tokens of a provider, browsers with their cookie, and what neither of them may."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient
from tests.unit.access.oidc.issuer import AUDIENCE, CLIENT, URL, Issuer, set_to, signed
from tests.unit.api.conftest import estimator
from tests.unit.api.talk import Talk
from tests.unit.platform.acts.test_deciding import PROOF, ruled

from gaia.api.app import make_api
from gaia.api.cookies import ATTEMPT, SESSION
from gaia.api.limits import Limits
from gaia.bootstrap.served import Served
from gaia.kit import clock
from gaia.policy.regorus import Regorus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response
    from tests.unit.platform.loop import Loop

PUBLIC = "https://gaia.example.com"
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(name="issuer")
def played() -> Issuer:
    """A provider."""
    return Issuer()


@pytest.fixture(name="house")
def with_a_provider(loop: Loop, issuer: Issuer, tmp_path: Path) -> Iterator[Talk]:
    """The API of a platform that believes it, at its public address."""
    (tmp_path / "roles.yaml").write_text("groups: {platform-admins: [{role: admin}], devs: [{role: developer}]}")
    settings = set_to(roles=tmp_path / "roles.yaml", acr_values="mfa phrh")
    platform = replace(loop.platform, public_url=PUBLIC)
    served = Served(platform, estimator, Regorus, "us-east-1", settings, http=issuer.http)
    lines: list[dict[str, object]] = []
    app = make_api(served, limits=Limits(failures=5), log=lambda line: lines.append(dict(line)))
    with TestClient(app, base_url=PUBLIC, raise_server_exceptions=False, follow_redirects=False) as client:
        yield Talk(client, loop.tokens, lines, app)


def token(issuer: Issuer, **claims: Any) -> str:
    """An access token that holds now."""
    now = int(clock.now().timestamp())
    return issuer.token(**{"exp": now + 600, "iat": now, **claims})


def begun(house: Talk, path: str = "/login") -> dict[str, str]:
    """A browser that was sent to the provider: with what."""
    answered = house.call("GET", path)
    assert answered.status_code == 303
    assert answered.headers["location"].startswith(f"{URL}/auth?")
    assert answered.headers["referrer-policy"] == "no-referrer"
    return {name: one[0] for name, one in parse_qs(urlsplit(answered.headers["location"]).query).items()}


def back(house: Talk, issuer: Issuer, asked: dict[str, str], **claims: Any) -> Response:
    """A browser that comes back from the provider."""
    now, by = int(clock.now().timestamp()), issuer.keys[0]
    said = {
        "iss": URL, "aud": CLIENT, "sub": "u-1", "exp": now + 60, "iat": now, "nonce": asked["nonce"],
        "groups": ["devs"], "preferred_username": "lee", **claims,
    }  # fmt: skip
    made = signed(by, {"alg": "ES256", "kid": by.kid}, said)
    issuer.answers["/token"] = lambda _: httpx.Response(200, json={"id_token": made})
    return house.call("GET", f"/callback?code=c&state={asked['state']}&iss={URL}")


def cookies(answered: Response) -> dict[str, str]:
    """What a browser is told to keep: the attributes of each, in small letters."""
    found = [one.partition("=") for one in answered.headers.get_list("set-cookie")]
    return {name: rest.lower() for name, _, rest in found}


def test_a_providers_access_token_calls(house: Talk, issuer: Issuer) -> None:
    """It says who, with which groups, until when; the log names the person, and no token."""
    given = token(issuer, groups=["devs"], amr=["mfa"], auth_time=int(clock.now().timestamp()))
    found = house.get("me", given).json()
    assert (found["name"], found["groups"], found["token"]) == ("dana", ["devs"], "")
    assert found["grants"] == [{"role": "developer", "tenant": "*", "stage": "*"}]
    assert found["second_factor_at"] is not None
    assert found["ends_at"] is not None
    assert house.log[-1]["person"] == found["id"]
    assert given not in str(house.log)


def test_somebody_acts_with_it_and_the_audit_log_says_who(house: Talk, issuer: Issuer) -> None:
    """In the transaction in which they act, their word is asked for again."""
    admin = token(issuer)
    assert house.post("tokens", admin, {"person": "max", "roles": ["viewer"]}).status_code == 201
    entries = house.get("audit", admin).json()["entries"]
    assert [(one["actor"], one["action"]) for one in entries][-2:] == [
        ("dana", "person.admitted"),
        ("dana", "token.created"),
    ]
    developer = token(issuer, sub="u-2", groups=["devs"], preferred_username="lee")
    assert house.post("tokens", developer, {"person": "max"}).json()["code"] == "not-permitted"


@pytest.mark.parametrize(
    ("claims", "code"),
    [({"exp": 1}, "token-expired"), ({"aud": "x"}, "token-other-audience"), ({"groups": []}, "person-without-role")],
)
def test_a_token_that_does_not_hold_is_told(house: Talk, issuer: Issuer, claims: dict[str, Any], code: str) -> None:
    """As a problem."""
    answered = house.get("me", token(issuer, **claims))
    assert (answered.status_code, answered.json()["code"]) == (401, code)


def test_a_provider_that_is_away_is_not_the_callers_fault(house: Talk, issuer: Issuer) -> None:
    """Nor does anybody get in."""
    issuer.down = True
    answered = house.get("me", token(issuer))
    assert (answered.status_code, answered.json()["code"]) == (503, "issuer-unreachable")
    assert house.get("me", "ann").status_code == 200


def test_whoever_tries_tokens_is_held_back(house: Talk, issuer: Issuer) -> None:
    """Those of a provider as those of our own."""
    bad = issuer.token(iss="https://evil.example.com")
    codes = [house.get("me", bad).json()["code"] for _ in range(6)]
    assert codes == ["token-other-issuer"] * 5 + ["login-throttled"]


def test_anyone_learns_how_to_sign_in(house: Talk) -> None:
    """Nothing of it is secret."""
    assert house.call("GET", "login").json() == {
        "oidc": {
            "issuer": URL,
            "client_id": CLIENT,
            "audience": AUDIENCE,
            "audience_parameter": "resource",
            "scopes": "openid profile offline_access",
            "acr_values": "mfa phrh",
        }
    }


def test_a_browser_signs_in_and_out(house: Talk, issuer: Issuer) -> None:
    """Its cookie is of this host alone, goes over TLS alone, and is read by no script."""
    asked = begun(house, "/login?next=/requests")
    assert asked["redirect_uri"] == f"{PUBLIC}/callback"
    entered = back(house, issuer, asked)
    assert (entered.status_code, entered.headers["location"]) == (303, "/requests")
    kept = cookies(entered)
    for part in ("httponly", "secure", "samesite=lax", "path=/"):
        assert part in kept[SESSION]
        assert part in kept[ATTEMPT]
    assert "domain" not in kept[SESSION]
    assert "max-age=0" in kept[ATTEMPT]
    assert house.call("GET", "me").json()["name"] == "lee"
    assert house.call("POST", "/logout").json()["code"] == "cross-site"
    left = house.call("POST", "/logout", headers=SAME)
    assert (left.status_code, left.headers["location"]) == (303, "/")
    house.client.cookies.set(SESSION, kept[SESSION].partition(";")[0])
    assert house.call("GET", "me").status_code == 401


def test_a_cookie_does_not_act_for_another_site(house: Talk, issuer: Issuer) -> None:
    """A page elsewhere can have a browser send it along; a token nobody can."""
    back(house, issuer, begun(house), groups=["platform-admins"])
    wanted = {"person": "max", "roles": ["viewer"]}
    for headers in (
        {}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example.com"}, {"Origin": "null"}, {"Origin": "http://gaia.example.com"},
        {"Origin": PUBLIC, "Sec-Fetch-Site": "cross-site"},
    ):  # fmt: skip
        answered = house.call("POST", "tokens", body=wanted, headers=headers)
        assert (answered.status_code, answered.json()["code"]) == (403, "cross-site"), headers
    for headers in (SAME, {"Origin": PUBLIC}):
        assert house.call("POST", "tokens", body=wanted, headers=headers).status_code == 201
    assert house.post("tokens", "root", wanted).status_code in (201, 403)  # by its own token, whatever the cookie


def test_an_answer_of_another_browser_signs_nobody_in(house: Talk, issuer: Issuer) -> None:
    """Without the cookie of the attempt; used twice, an answer is worth nothing either."""
    asked = begun(house)
    house.client.cookies.clear()
    assert back(house, issuer, asked).json()["code"] == "sign-in-invalid"
    asked = begun(house)
    assert back(house, issuer, asked).status_code == 303
    assert back(house, issuer, asked).json()["code"] == "sign-in-invalid"


@pytest.mark.parametrize("path", ["//evil.example.com", "https://evil.example.com", "/\\evil.example.com", ""])
def test_nobody_is_led_elsewhere(house: Talk, issuer: Issuer, path: str) -> None:
    """After signing in one is on this host."""
    asked = begun(house, f"/login?next={path}")
    assert back(house, issuer, asked).headers["location"] == "/api/v1/me"


def test_a_new_session_ends_the_old_one(house: Talk, issuer: Issuer) -> None:
    """Of the same browser."""
    old = cookies(back(house, issuer, begun(house)))[SESSION].partition(";")[0]
    first = house.client.cookies[SESSION]
    back(house, issuer, begun(house))
    assert house.client.cookies[SESSION] != first
    house.client.cookies.clear()
    house.client.cookies.set(SESSION, first)
    assert house.call("GET", "me").json()["code"] == "session-ended"
    assert old


def test_whoever_brings_back_nothing_is_held_back(house: Talk, issuer: Issuer) -> None:
    """Others of that address begin to sign in, and come back with what the provider gave them."""
    for _ in range(7):
        begun(house)
    codes = [house.call("GET", "/callback?code=x&state=y").json()["code"] for _ in range(6)]
    assert codes == ["sign-in-invalid"] * 5 + ["login-throttled"]
    assert back(house, issuer, begun(house)).status_code == 303
    assert house.call("GET", "me").status_code == 200


def test_a_link_signs_in_once(house: Talk, loop: Loop) -> None:
    """And is held back where somebody tries some."""
    link = house.app.state.served.signing_in.make_link("ann")
    entered = house.call("GET", f"/login/{link}")
    assert entered.status_code == 303
    assert house.call("GET", "me").json()["name"] == "ann"
    assert house.call("GET", f"/login/{link}").json()["code"] == "link-unknown"
    for _ in range(4):
        house.call("GET", "/login/made-up")
    assert house.call("GET", "/login/made-up").json()["code"] == "login-throttled"
    other = house.app.state.served.signing_in.make_link("ann")
    assert house.call("GET", f"/login/{other}").status_code == 303
    assert link not in str(house.log)
    assert loop.tokens


def test_without_a_public_address_browsers_sign_in_on_this_machine(loop: Loop, issuer: Issuer, tmp_path: Path) -> None:
    """`Host` could be anything, and the provider would send people there."""
    settings = set_to(roles=tmp_path / "roles.yaml")
    app = make_api(Served(loop.platform, estimator, Regorus, "us-east-1", settings, http=issuer.http))
    with TestClient(app, follow_redirects=False) as client:
        assert client.get("/login", headers={"Host": "evil.example.com"}).json()["code"] == "sign-in-not-set"
        sent = client.get("/login", headers={"Host": "127.0.0.1:8080"}).headers["location"]
        assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fcallback" in sent


def test_who_is_shut_out_is_so_however_they_call(house: Talk, issuer: Issuer) -> None:
    """By a token of ours, by the provider's word, with a browser; let in again, all of that holds again."""
    admin, lee = token(issuer), token(issuer, sub="u-9", groups=["devs"], preferred_username="lee")
    back(house, issuer, begun(house), sub="u-9")
    refused = house.post("tokens", admin, {"person": "lee", "roles": ["viewer"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "person-exists")  # lee chose the name herself
    everybody = house.get("people", admin).json()["people"]
    meant = next(one["id"] for one in everybody if one["name"] == "lee")
    own = house.post("tokens", admin, {"person": meant, "roles": ["viewer"]}).json()["token"]
    shut = house.post("people/lee/disable", admin)
    assert (shut.status_code, shut.json()["disabled"]) == (200, True)
    for who in (own, lee, ""):
        assert house.call("GET", "me", who).json()["code"] == "person-disabled"
    assert house.post("people/lee/enable", admin).json()["disabled"] is False
    for who in (own, lee, ""):
        assert house.call("GET", "me", who).json()["name"] == "lee"
    said = [one["action"] for one in house.get("audit", admin).json()["entries"]]
    assert said[-2:] == ["person.disabled", "person.enabled"]


def test_nobody_shuts_themselves_out_nor_who_is_not_there(house: Talk, issuer: Issuer) -> None:
    """One admin is left; only admins do it."""
    admin = token(issuer)
    assert house.post("people/dana/disable", admin).json()["code"] == "person-own"
    assert house.post("people/nobody/disable", admin).json()["code"] == "person-unknown"
    developer = token(issuer, sub="u-2", groups=["devs"])
    assert house.post("people/ann/disable", developer).json()["code"] == "not-permitted"
    assert [one["disabled"] for one in house.get("people", admin).json()["people"] if one["name"] == "ann"] == [False]


def test_a_second_factor_is_asked_for_on_demand(house: Talk, loop: Loop, issuer: Issuer) -> None:
    """403, and what to ask the provider for; the same again for the same key; who has just given one may approve."""
    request = ruled(loop, PROOF).previewed()
    given = token(issuer, groups=["platform-admins"])
    old = token(issuer, groups=["platform-admins"], amr=["mfa"], auth_time=int(clock.now().timestamp()) - 1000)
    wanted = 'Bearer realm="gaia", error="insufficient_user_authentication", max_age="900", acr_values="mfa phrh"'
    for secret, key in ((given, "1"), (given, "1"), (old, "2")):
        refused = house.post(f"requests/{request}/approve", secret, **{"Idempotency-Key": key})
        assert (refused.status_code, refused.json()["code"]) == (403, "proof-needed")
        assert refused.headers["www-authenticate"] == wanted
        assert refused.json()["facts"] == {"max_age": 900, "acr_values": "mfa phrh"}
        assert (refused.json()["next"]["act"], refused.json()["next"]["options"]) == ("login", ["--step-up"])
    fresh = token(issuer, groups=["platform-admins"], amr=["mfa"], auth_time=int(clock.now().timestamp()))
    assert house.post(f"requests/{request}/approve", fresh).status_code == 202


def test_a_browser_is_asked_for_a_second_factor_anew(house: Talk) -> None:
    """With the values that are set; else the provider asks for what it asks for."""
    again, plain = begun(house, "/login?again=true"), begun(house)
    assert (again["max_age"], again["prompt"], again["acr_values"]) == ("0", "login", "mfa phrh")
    assert {"prompt", "acr_values"}.isdisjoint(plain)
