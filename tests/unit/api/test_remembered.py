"""Answers that are given again until something is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from tests.unit.api.conftest import served_of
from tests.unit.api.talk import Talk

from gaia.api import remembered
from gaia.api.app import make_api
from gaia.api.limits import Limits
from gaia.errors import Unavailable
from gaia.kit import clock
from gaia.platform.acts.service import Platform
from gaia.records import people

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.platform.model import RequestView


@pytest.fixture(name="made")
def _made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whose views of a request were made, in order."""
    made: list[str] = []
    real = Platform.request

    def counted(self: Platform, request: str) -> RequestView:
        made.append(self.who)
        return real(self, request)

    monkeypatch.setattr(Platform, "request", counted)
    return made


def test_an_answer_is_made_once_while_nothing_is_committed(talk: Talk, waiting: Loop, made: list[str]) -> None:
    """Byte for byte the same, and with a tag that is as good; a commit by anybody makes another one."""
    path = f"requests/{waiting.request}"
    first, second = talk.get(path), talk.get(path)
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])
    assert talk.get(path, **{"If-None-Match": first.headers["etag"]}).status_code == 304
    assert made == ["ann"]
    waiting.as_("gus").comment(waiting.request, "for what?")
    assert talk.get(path).json()["comments"][0]["text"] == "for what?"
    assert made == ["ann", "ann"]


def test_an_answer_is_for_who_asked_and_for_what_was_asked(talk: Talk, waiting: Loop, made: list[str]) -> None:
    """Another token makes its own, and sees what it may; another query is another call."""
    path = f"requests/{waiting.request}"
    mine = talk.get(path)
    assert talk.get(path, "gus").status_code == 200
    assert made == ["ann", "gus"]
    assert talk.get(path, "bob").status_code == 404
    assert talk.call("GET", path).status_code == 401
    assert talk.get(path, "ann", Cookie="__Host-gaia-session=x").content == mine.content
    lines = [talk.get(f"requests?open={said}").json()["requests"] for said in ("true", "false", "true")]
    assert lines[0] == lines[2]
    assert talk.get("requests?stack=elsewhere").json()["requests"] == []


def test_a_token_that_was_revoked_is_none_at_once(talk: Talk, waiting: Loop) -> None:
    """However often it was answered a moment ago; so is one whose person was shut out, and one whose time is over."""
    path = f"requests/{waiting.request}"
    assert [talk.get(path).status_code for _ in range(3)] == [200] * 3
    with waiting.platform.database.begin() as tx:
        token = people.token_of(tx, waiting.tokens["ann"])
        assert token is not None
        people.revoke_token(tx, token.id, at=clock.now())
    assert talk.get(path).json()["code"] == "token-revoked"
    assert talk.get(path, "gus").status_code == 200
    with waiting.platform.database.begin() as tx:
        people.set_disabled(tx, "gus", True)
    assert talk.get(path, "gus").json()["code"] == "person-disabled"


def test_what_is_not_in_the_records_is_not_old_for_long(
    waiting: Loop, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time and whether an engine runs are committed nowhere: an answer holds for seconds at most."""
    now = [0.0]
    monkeypatch.setattr("gaia.api.app.Remembered", lambda database: remembered.Remembered(database, lambda: now[0]))
    app = make_api(served_of(waiting))
    with TestClient(app) as client:
        talk = Talk(client, waiting.tokens, [], app)
        for at in (0.0, remembered.LONGEST - 0.1, remembered.LONGEST, 2 * remembered.LONGEST):
            now[0] = at
            assert talk.get(f"requests/{waiting.request}").status_code == 200
    assert made == ["ann", "ann", "ann"]


def test_an_answer_that_is_given_again_counts_and_is_logged_like_any(waiting: Loop) -> None:
    """429 for a token that never pauses; each line of the log says who called which route."""
    lines: list[dict[str, object]] = []
    app = make_api(
        served_of(waiting), limits=Limits(calls=3, calls_per_second=0.001), log=lambda line: lines.append(dict(line))
    )
    with TestClient(app) as client:
        talk = Talk(client, waiting.tokens, lines, app)
        answers = [talk.get(f"requests/{waiting.request}") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "rate-limited"
    said = [(one["route"], one["person"], one["status"]) for one in lines[:3]]
    assert said == [said[0]] * 3
    assert said[0][0] == "/api/v1/requests/{request}"


def test_a_database_that_cannot_be_asked_remembers_nothing(
    talk: Talk, waiting: Loop, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows then whether an answer still holds; each call is made anew, and says what is wrong by itself."""

    def away(_: object) -> None:
        raise Unavailable("database-down", "it is away", next_step="Wait.")

    monkeypatch.setattr(type(waiting.platform.database), "watch", away)
    assert [talk.get(f"requests/{waiting.request}").status_code for _ in range(2)] == [200, 200]
    assert made == ["ann", "ann"]


def test_no_more_is_remembered_than_there_is_room_for(waiting: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest answers go first; one that is too large is not kept at all."""
    monkeypatch.setattr(remembered, "_MOST_BYTES", 10)
    monkeypatch.setattr(remembered, "_LARGEST", 8)
    kept = remembered.Remembered(lambda: waiting.platform.database)
    caller = served_of(waiting).authenticate(waiting.tokens["ann"])
    for number, body in enumerate((b"123456", b"1234567", b"123456789")):
        kept.put(bytes([number]), 0, caller, None, {"type": "http.response.start"}, body)
    assert [kept.get(bytes([number])) is not None for number in range(3)] == [False, True, False]
    kept.put(b"late", -1, caller, None, {"type": "http.response.start"}, b"")
    assert kept.get(b"late") is None
