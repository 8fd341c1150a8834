"""Signing in at a provider that is played: who becomes somebody, who does not, and what a browser has to bring back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.unit.access.oidc.issuer import CLIENT, URL, Issuer, key, set_to, signed
from tests.unit.records.conftest import database, path

from gaia.access.oidc.code_flow import own_path
from gaia.errors import GaiaError, Invalid, Unauthenticated, Unavailable
from gaia.kit import clock
from gaia.kit.keys import make_key
from gaia.platform.acting import AuditLog
from gaia.platform.callers.signing_in import SigningIn
from gaia.records import audit, people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.platform.callers.signing_in import Begun
    from gaia.records.database import Database

__all__ = ["database", "path"]
BACK = "https://gaia.example.com/callback"


class Desk:
    """Where people sign in, with a provider behind it."""

    def __init__(self, database: Database, folder: Path, issuer: Issuer, **changed: Any) -> None:
        (folder / "roles.yaml").write_text("groups: {platform-admins: [{role: admin}], devs: [{role: developer}]}")
        self.database, self.issuer = database, issuer
        self.log = AuditLog("repo-1", make_key(folder / "keys"))
        settings = set_to(roles=folder / "roles.yaml", **changed)
        self.signing_in = SigningIn(database, self.log, settings, issuer.http)

    def token(self, **claims: Any) -> str:
        """An access token that holds now."""
        now = int(clock.now().timestamp())
        return self.issuer.token(**{"exp": now + 600, "iat": now, **claims})

    def answers_with(self, begun: Begun, **claims: Any) -> dict[str, str]:
        """The provider's answer to a browser; behind it lies an ID token."""
        asked = query(begun)
        now = int(clock.now().timestamp())
        said = {"iss": URL, "aud": CLIENT, "sub": "u-1", "exp": now + 60, "iat": now, "nonce": asked["nonce"], **claims}
        by = self.issuer.keys[0]
        token = signed(by, {"alg": "ES256", "kid": by.kid, "typ": "JWT"}, said)
        self.issuer.answers["/token"] = lambda _: httpx.Response(200, json={"id_token": token})
        return {"code": "c0de", "state": asked["state"], "iss": URL}

    def written(self) -> list[tuple[str, str]]:
        """What was done, and how it ended."""
        with self.database.read() as tx:
            return [(one.action, one.outcome) for one in audit.entries(tx)]

    def names(self) -> set[str]:
        """Everybody's."""
        with self.database.read() as tx:
            return set(people.names(tx).values())


def query(begun: Begun) -> dict[str, str]:
    """What the browser is sent to the provider with."""
    return {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}


@pytest.fixture(name="desk")
def open_desk(database: Database, tmp_path: Path) -> Desk:
    """A desk with a provider that has one key."""
    return Desk(database, tmp_path, Issuer())


def refused(ask: Callable[[], object]) -> str:
    """The code of a refusal."""
    with pytest.raises(GaiaError) as caught:
        ask()
    assert caught.value.next_step
    return caught.value.code


def test_somebody_becomes_a_person_at_first_sight(desk: Desk) -> None:
    """Once, with what their groups give; the audit log says of whom."""
    first, second = (desk.signing_in.caller(desk.token()) for _ in range(2))
    assert first.id == second.id
    assert (first.name, first.grants, first.token) == ("dana", (Grant("admin"),), "")
    assert first.groups == {"platform-admins"}
    assert desk.written() == [("person.admitted", "done")]
    with desk.database.read() as tx:
        assert audit.entries(tx)[0].facts == {"person": "dana", "issuer": URL, "subject": "u-1"}


def test_somebody_without_a_role_becomes_nobody(desk: Desk) -> None:
    """No row is made of whoever the provider knows; who was known and has lost everything may do nothing."""
    token = desk.token(groups=["cooks"])
    assert refused(lambda: desk.signing_in.caller(token)) == "person-without-role"
    assert desk.names() == set()
    desk.signing_in.caller(desk.token())
    assert desk.signing_in.caller(token).grants == ()


def test_tokens_of_this_home_go_on_working(desk: Desk) -> None:
    """Beside those of the provider."""
    now = clock.now()
    with desk.database.begin() as tx:
        people.add_person(tx, "ada", at=now)
        _, secret = people.create_token(tx, "ada", at=now, expires=now + timedelta(days=1))
    assert desk.signing_in.caller(secret).name == "ada"
    assert refused(lambda: desk.signing_in.caller(None)) == "token-missing"
    assert refused(lambda: desk.signing_in.caller("gaia_tok_x")) == "token-unknown"


def test_without_a_provider_its_tokens_are_unknown(desk: Desk) -> None:
    """And nobody is asked about them."""
    alone = SigningIn(desk.database, desk.log, None)
    assert alone.way() is None
    assert refused(lambda: alone.caller(desk.token())) == "token-unknown"
    assert refused(lambda: alone.begin(BACK, "/")) == "sign-in-not-set"


@pytest.mark.parametrize(
    "changed",
    [
        {"audience": ""}, {"client_id": ""}, {"token_type": "bearer"}, {"audience_parameter": "x"},
        {"token_type": "jwt", "audience": CLIENT}, {"second_factors": frozenset({"mfa", ""})},
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused(database: Database, tmp_path: Path, changed: dict[str, Any]) -> None:
    """At once, not when somebody signs in."""
    with pytest.raises(Invalid) as caught:
        Desk(database, tmp_path, Issuer(), **changed)
    assert caught.value.code == "oidc-settings"


def test_a_browser_signs_in(desk: Desk) -> None:
    """With PKCE: what was asked for with a challenge is fetched with its answer; the session is a person's."""
    begun = desk.signing_in.begin(BACK, "/requests")
    asked = query(begun)
    assert {"response_type": "code", "client_id": CLIENT, "redirect_uri": BACK}.items() <= asked.items()
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid profile")
    answer = desk.answers_with(begun, groups=["devs"], preferred_username="lee", amr=["mfa"], auth_time=1)
    entered = desk.signing_in.finish(begun.cookie, BACK, answer)
    form = desk.issuer.forms[-1]
    assert (form["code"], form["redirect_uri"], form["client_id"]) == ("c0de", BACK, CLIENT)
    assert form["code_verifier"] not in begun.url + begun.cookie
    assert entered.then == "/requests"
    caller = desk.signing_in.in_session(entered.secret)
    assert (caller.name, caller.grants) == ("lee", (Grant("developer"),))
    assert caller.groups == {"devs"}
    assert caller.proved_at is not None
    assert desk.written() == [("person.admitted", "done"), ("session.begun", "done")]
    desk.signing_in.leave(entered.secret)
    desk.signing_in.leave(entered.secret)
    assert desk.written()[2:] == [("session.ended", "done")]
    assert refused(lambda: desk.signing_in.in_session(entered.secret)) == "session-ended"


def test_roles_that_a_group_loses_are_lost_in_sessions_too(desk: Desk, tmp_path: Path) -> None:
    """Those of people who have signed in."""
    begun = desk.signing_in.begin(BACK, "/")
    entered = desk.signing_in.finish(begun.cookie, BACK, desk.answers_with(begun, groups=["devs"]))
    (tmp_path / "roles.yaml").write_text("groups: {}")
    assert desk.signing_in.in_session(entered.secret).grants == ()


@pytest.mark.parametrize(
    ("brought", "claims", "code"),
    [
        ({"state": "x"}, {}, "sign-in-invalid"),
        ({"state": ""}, {}, "sign-in-invalid"),
        ({"iss": "https://evil.example.com"}, {}, "sign-in-invalid"),
        ({"iss": None}, {}, "sign-in-invalid"),
        ({"code": ""}, {}, "sign-in-invalid"),
        ({"error": "access_denied"}, {}, "sign-in-refused"),
        ({}, {"nonce": "x"}, "sign-in-invalid"),
        ({}, {"nonce": None}, "sign-in-invalid"),
        ({}, {"azp": "other"}, "sign-in-invalid"),
        ({}, {"aud": "other"}, "token-other-audience"),
        ({}, {"iss": "https://evil.example.com"}, "token-other-issuer"),
        ({}, {"exp": 1}, "token-expired"),
        ({}, {"groups": ["cooks"]}, "person-without-role"),
    ],
)
def test_what_a_browser_brings_has_to_fit(
    desk: Desk, brought: dict[str, str | None], claims: dict[str, Any], code: str
) -> None:
    """To what it began, to the provider, to now; nobody is signed in otherwise."""
    begun = desk.signing_in.begin(BACK, "/")
    answer = {**desk.answers_with(begun, **{"groups": ["devs"], **claims}), **brought}
    given = {name: value for name, value in answer.items() if value is not None}
    assert refused(lambda: desk.signing_in.finish(begun.cookie, BACK, given)) == code
    assert "session.begun" not in str(desk.written())


def test_an_attempt_is_of_one_browser_and_not_for_long(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its cookie, with another's, with a changed one, or ten minutes later, an answer is worth nothing."""
    mine, other = (desk.signing_in.begin(BACK, "/") for _ in range(2))
    answer = desk.answers_with(mine, groups=["devs"])
    changed = mine.cookie[:-6] + ("A" if mine.cookie[-6] != "A" else "B") + mine.cookie[-5:]
    for cookie in (None, "", "x", "é", other.cookie, changed, mine.cookie * 9):
        assert refused(lambda cookie=cookie: desk.signing_in.finish(cookie, BACK, answer)) == "sign-in-invalid"  # type: ignore[misc]
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert refused(lambda: desk.signing_in.finish(mine.cookie, BACK, answer)) == "sign-in-invalid"


def test_a_provider_that_gives_nothing_signs_nobody_in(desk: Desk) -> None:
    """A code that was used, an answer without a token, a server that has no such page."""
    begun = desk.signing_in.begin(BACK, "/")
    answer = desk.answers_with(begun)
    for status, body in ((400, {"error": "invalid_grant"}), (200, {}), (200, {"id_token": 7})):
        made = httpx.Response(status, text=json.dumps(body))
        desk.issuer.answers["/token"] = lambda _, made=made: made  # type: ignore[misc]
        with pytest.raises(Unauthenticated):
            desk.signing_in.finish(begun.cookie, BACK, answer)
    desk.issuer.down = True
    with pytest.raises(Unavailable):
        desk.signing_in.finish(begun.cookie, BACK, answer)


def test_a_secret_of_the_page_is_sent_where_there_is_one(database: Database, tmp_path: Path) -> None:
    """Read from its file each time; one that cannot be read is told."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    asked: list[str] = []
    issuer = Issuer(key("ES256", "one"))
    desk = Desk(database, tmp_path, issuer, secret_file=secret)
    begun = desk.signing_in.begin(BACK, "/")
    answer = desk.answers_with(begun, groups=["devs"])
    real = issuer.answer

    def noting(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("Authorization", ""))
        return real(request)

    issuer.answer = noting  # type: ignore[method-assign]
    assert desk.signing_in.finish(begun.cookie, BACK, answer)
    assert any(one.startswith("Basic ") for one in asked)
    secret.unlink()
    assert refused(lambda: desk.signing_in.finish(begun.cookie, BACK, answer)) == "client-secret-unreadable"


def test_a_link_signs_in_once(desk: Desk) -> None:
    """The person that it was made for; not one who was shut out meanwhile."""
    with desk.database.begin() as tx:
        people.add_person(tx, "admin", at=clock.now())
        people.grant(tx, "admin", Grant("admin"))
    link, late = desk.signing_in.make_link("admin"), desk.signing_in.make_link("admin")
    entered = desk.signing_in.follow(link, "/")
    assert desk.signing_in.in_session(entered.secret).grants == (Grant("admin"),)
    assert refused(lambda: desk.signing_in.follow(link, "/")) == "link-unknown"
    with desk.database.begin() as tx:
        people.set_disabled(tx, "admin", True)
    assert refused(lambda: desk.signing_in.follow(late, "/")) == "link-unknown"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example.com", "https://evil.example.com", "/\\evil.example.com", "\\\\evil", "javascript:alert(1)",
        "/ /evil", "/\x0d\x0aSet-Cookie: a=b", "/\t/evil", "x", "", None, "/" + "a" * 400, "/é", "http:/x",
    ],
)  # fmt: skip
def test_afterwards_one_is_on_gaias_own_host(path: str | None) -> None:
    """What leads elsewhere leads home."""
    assert own_path(path, "/home") == "/home"


def test_a_path_of_ones_own_is_kept() -> None:
    """With its query."""
    assert own_path("/requests/req_1?tab=log", "/") == "/requests/req_1?tab=log"
