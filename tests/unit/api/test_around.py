"""What is the same for every call: errors, limits, tags, keys, and what the log says."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from tests.unit.api.conftest import served_of
from tests.unit.api.talk import Talk
from tests.unit.platform.loop import STACK

from gaia.api.app import make_api
from gaia.api.limits import Buckets, Limits
from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from httpx import Response
    from tests.unit.platform.loop import Loop

ASKED = {"template": "pair", "service": "films", "stack": STACK, "answers": {"text": "x"}}
PROBLEM = {"type", "title", "status", "detail", "code", "next", "instance", "at", "facts"}


def check(answered: Response, status: int, code: str) -> None:
    """An error has one form, whatever it is about."""
    assert (answered.status_code, answered.json()["code"]) == (status, code)
    assert answered.headers["content-type"] == "application/problem+json"
    assert set(answered.json()) == PROBLEM
    assert answered.json()["status"] == status
    assert answered.json()["next"]["words"]


def test_every_error_is_a_problem(talk: Talk) -> None:
    """Those of the router and of validation too; what was typed is not repeated."""
    check(talk.get("nothing"), 404, "route-unknown")
    check(talk.call("PATCH", "requests", "ann"), 405, "method-not-allowed")
    assert talk.call("PATCH", "requests", "ann").headers["allow"]
    check(talk.get("requests?limit=many-secrets"), 422, "call-invalid")
    assert "many-secrets" not in talk.get("requests?limit=many-secrets").text
    check(talk.post("services", body={"template": 1}), 422, "call-invalid")
    check(talk.post("services", body=[]), 422, "call-invalid")
    check(talk.client.post("/api/v1/services", content=b"{", headers=bearer(talk)), 422, "call-invalid")


def bearer(talk: Talk, who: str = "ann") -> dict[str, str]:
    """The headers of a call in somebody's name."""
    return {"Authorization": f"Bearer {talk.tokens[who]}", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token-missing"),
        ("Bearer gaia_tok_wrong", "token-unknown"),
        ("Bearer ", "token-missing"),
        ("Basic YTpi", "token-missing"),
        ("Bearer eyJhbGciOiJub25lIn0.e30.", "token-unknown"),
    ],
)
def test_without_a_good_token_nothing_is_told(talk: Talk, header: str | None, code: str) -> None:
    """401, and how to authenticate."""
    answered = talk.client.get("/api/v1/requests", headers={"Authorization": header} if header else {})
    check(answered, 401, code)
    assert answered.headers["www-authenticate"].startswith("Bearer")


def test_a_defect_tells_nothing_of_ours(talk: Talk, waiting: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 with a request id; the log has the trace under the same id."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(type(waiting.as_("ann")), "requests", fail)
    answered = talk.get("requests")
    check(answered, 500, "defect")
    assert "secret of the house" not in answered.text
    assert "secret of the house" in str(talk.log[-1]["trace"])
    assert talk.log[-1]["request_id"] == answered.headers["x-request-id"]


@pytest.mark.parametrize(("code", "said"), [(errno.ENOSPC, "disk-full"), (errno.EROFS, "read-only")])
def test_a_disk_that_takes_nothing_is_no_defect(
    talk: Talk, waiting: Loop, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    """Wherever it was met: 503, and what to do."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code), "scratch")

    monkeypatch.setattr(type(waiting.as_("ann")), "requests", fail)
    check(talk.get("requests"), 503, said)


def test_folders_of_the_server_are_not_shown(waiting: Loop) -> None:
    """A message may name a file of the home; who reads the page has no business there."""
    home = str(waiting.platform.home)
    app = make_api(served_of(waiting), hide=lambda text: text.replace(home, "GAIA_HOME"))
    waiting.platform.database.close()
    (waiting.platform.home / "gaia.db").unlink()
    with TestClient(app, raise_server_exceptions=False) as client:
        answered = client.get("/readyz")
    assert answered.status_code == 503
    assert home not in answered.text


def test_a_large_body_is_refused_before_it_is_read(talk: Talk) -> None:
    """Also one that does not say how large it is."""
    check(talk.client.post("/api/v1/services", content=b" " * 10_000_000, headers=bearer(talk)), 413, "body-too-large")
    parts = (b" " * 400_000 for _ in range(5))
    check(talk.client.post("/api/v1/services", content=parts, headers=bearer(talk)), 413, "body-too-large")


def test_a_token_that_never_pauses_is_held_back(waiting: Loop) -> None:
    """429 says when to come again; another token is not concerned."""
    app = make_api(served_of(waiting), limits=Limits(calls=3, calls_per_second=0.001))
    with TestClient(app, raise_server_exceptions=False) as client:
        talk = Talk(client, waiting.tokens, [], app)
        answers = [talk.get("me") for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        check(answers[-1], 429, "rate-limited")
        assert int(answers[-1].headers["retry-after"]) > 0
        assert talk.get("me", "gus").status_code == 200


def test_who_tries_tokens_is_held_back_and_those_behind_the_same_proxy_are_not(waiting: Loop) -> None:
    """A good token is one, used before or not, however many bad ones came from its address; a bad one costs time."""
    app = make_api(served_of(waiting), limits=Limits(failures=3, failures_per_second=0.001))
    with TestClient(app, raise_server_exceptions=False) as client:
        talk = Talk(client, waiting.tokens, [], app)
        answers = [talk.get("me", f"gaia_tok_{n}") for n in range(25)]
        assert [one.status_code for one in answers] == [401] * 3 + [429] * 22
        check(answers[-1], 429, "login-throttled")
        assert int(answers[-1].headers["retry-after"]) > 0
        assert [talk.get("me", who).status_code for who in ("gus", "vic")] == [200, 200]
        assert talk.get("me", "gaia_tok_x").status_code == 429


def test_buckets_fill_again() -> None:
    """By the clock, and not above the brim."""
    now = [0.0]
    buckets = Buckets(2, 0.5, lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]
    assert buckets.empty("a") == 2
    now[0] = 2.0
    assert buckets.take("a")
    assert not buckets.take("a")
    now[0] = 1000.0
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]


def test_what_was_read_before_is_not_sent_again(talk: Talk, waiting: Loop) -> None:
    """The tag is of the content: it changes with it."""
    first = talk.get(f"requests/{waiting.request}")
    tag = first.headers["etag"]
    again = talk.get(f"requests/{waiting.request}", **{"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    talk.post(f"requests/{waiting.request}/reject", body={"reason": "no"})
    assert talk.get(f"requests/{waiting.request}", **{"If-None-Match": tag}).status_code == 200


def test_the_same_call_with_the_same_key_is_done_once(talk: Talk) -> None:
    """And answered the same, byte for byte; a refusal too."""
    key = {"Idempotency-Key": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    first, second = talk.post("services", body=ASKED, **key), talk.post("services", body=ASKED, **key)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.content == second.content
    assert first.headers["location"] == second.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    refused = [talk.post("services", body=ASKED, **{"Idempotency-Key": "another"}) for _ in range(2)]
    assert [one.json()["code"] for one in refused] == ["service-busy"] * 2
    assert refused[1].headers["idempotency-replayed"] == "true"
    assert refused[1].headers["content-type"] == "application/problem+json"


def test_a_key_is_for_one_call_of_one_person(talk: Talk) -> None:
    """Another body, or another route, is another call; somebody else's key is another key."""
    key = {"Idempotency-Key": "one"}
    talk.post("services", body=ASKED, **key)
    check(talk.post("services", body=ASKED | {"service": "books"}, **key), 422, "idempotency-key-reused")
    check(talk.post("services/films/retire", body={"stack": STACK}, **key), 422, "idempotency-key-reused")
    check(talk.post("services", "gus", body=ASKED, **key), 403, "not-permitted")
    check(talk.post("services", body=ASKED, **{"Idempotency-Key": "k" * 201}), 422, "idempotency-key-invalid")
    assert talk.call("POST", "services", "", body=ASKED, headers=key).status_code == 401


def test_an_answer_is_not_given_again_to_who_may_no_longer_see_it(talk: Talk, waiting: Loop) -> None:
    """A role is gone: what was made is not there for them, in an answer neither; with the role it is again."""
    key = {"Idempotency-Key": "one"}
    made = talk.post("services", body=ASKED, **key)
    path = made.headers["location"]
    role = Grant("developer", "acme")
    with waiting.platform.database.begin() as tx:
        people.withdraw(tx, "ann", role)
    check(talk.get(path), 404, "request-unknown")
    again = talk.post("services", body=ASKED, **key)
    check(again, 409, "idempotency-rights-lost")
    assert made.json()["request"]["id"] not in again.text
    with waiting.platform.database.begin() as tx:
        people.grant(tx, "ann", role)
    assert talk.post("services", body=ASKED, **key).content == made.content


def test_a_refusal_is_not_given_again_to_who_was_given_a_role(talk: Talk, waiting: Loop) -> None:
    """They did as it said, and asked an admin."""
    key = {"Idempotency-Key": "one"}
    for _ in range(2):
        check(talk.post("services", "vic", body=ASKED, **key), 403, "not-permitted")
    with waiting.platform.database.begin() as tx:
        people.grant(tx, "vic", Grant("developer", "acme"))
    assert talk.post("services", "vic", body=ASKED, **key).status_code == 202


def test_the_secret_of_a_token_is_kept_nowhere(talk: Talk, waiting: Loop) -> None:
    """Not with an answer that could be given again, and not in the log."""
    with waiting.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    key = {"Idempotency-Key": "one"}
    made = [talk.post("tokens", "root", {"person": "dana", "roles": ["viewer"]}, **key).json() for _ in range(2)]
    assert made[0]["id"] != made[1]["id"]
    database = (waiting.platform.home / "gaia.db").read_bytes() + b"".join(
        path.read_bytes() for path in waiting.platform.home.glob("gaia.db-*")
    )
    for one in made:
        assert one["token"].startswith("gaia_tok_")
        assert one["token"].encode() not in database
        assert one["token"] not in json.dumps(talk.log)
        assert talk.get("me", one["token"]).json()["name"] == "dana"


def test_a_line_of_the_log_says_who_called_what(talk: Talk, waiting: Loop) -> None:
    """By the route's form, the person's and the token's id: nothing that somebody typed, and no secret."""
    answered = talk.get(f"requests/{waiting.request}?repository=platform", **{"X-Request-Id": "given-by-a-proxy"})
    line = talk.log[-1]
    assert line["request_id"] == answered.headers["x-request-id"] == "given-by-a-proxy"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/requests/{request}", 200)
    assert str(line["person"]).startswith("per_")
    assert waiting.tokens["ann"] not in json.dumps(talk.log)
    strange = talk.get("me", **{"X-Request-Id": "not ours\x7f"})
    assert strange.headers["x-request-id"] != "not ours\x7f"


def test_answers_are_for_no_page_of_somebody_else(talk: Talk) -> None:
    """Nothing here is framed, sniffed or run."""
    headers = talk.get("me").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
