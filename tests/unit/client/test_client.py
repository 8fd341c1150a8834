"""The client: what it sends, what it makes of answers, and when it calls again."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING

import httpx
import pytest

from gaia.client import Client
from gaia.errors import Conflict, GaiaError, Invalid, Next, NotFound, Refused, TooMany, Unauthenticated, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable


class Server:
    """Answers one call after the other with what the test gave, and remembers the calls."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.calls: list[httpx.Request] = []
        self.pauses: list[float] = []

    def client(self, url: str = "http://gaia.example") -> Client:
        """Of this server."""
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        return Client(url, "gaia_tok_x", http=http, repository="platform", pause=self.pauses.append)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def problem(status: int, code: str, **step: object) -> httpx.Response:
    """An error as the server says it."""
    body = {"code": code, "detail": "no", "next": {"words": "Do it.", "act": None, **step}, "facts": {"a": 1}}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def raised(call: Callable[[], object]) -> GaiaError:
    """What it raises."""
    with pytest.raises(GaiaError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("url", ["http://gaia.example", "http://gaia.example/", "http://gaia.example/api/v1"])
def test_a_call_names_who_calls_and_the_repository(url: str) -> None:
    """Whichever way the server's address is written."""
    server = Server(httpx.Response(200, json={"id": "req_1"}))
    assert server.client(url).request("a/b c") == {"id": "req_1"}
    [call] = server.calls
    assert str(call.url) == "http://gaia.example/api/v1/requests/a%2Fb%20c?repository=platform"
    assert call.headers["authorization"] == "Bearer gaia_tok_x"
    assert "idempotency-key" not in call.headers


def test_what_changes_something_is_called_again_with_the_same_key() -> None:
    """So that it is done once, although nobody knows whether it was done."""
    made = httpx.Response(202, json={"request": {"id": "req_1"}})
    server = Server(httpx.ReadTimeout("slow"), httpx.Response(502, text="<html>"), made)
    assert server.client().ask("t", "s", "st", {"a": 1}) == {"id": "req_1"}
    assert len({call.headers["idempotency-key"] for call in server.calls}) == 1
    assert json.loads(server.calls[0].content)["answers"] == {"a": 1}
    assert len(server.pauses) == 2


def test_a_server_that_does_not_answer_is_said() -> None:
    """After the third time."""
    server = Server(*(httpx.ConnectError("refused") for _ in range(3)))
    assert (raised(server.client().me).code, len(server.calls)) == ("server-unreachable", 3)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Unauthenticated), (403, Refused), (404, NotFound), (409, Conflict), (422, Invalid), (413, Invalid),
     (429, TooMany), (503, Unavailable)],
)  # fmt: skip
def test_a_problem_is_the_error_that_it_was_there(status: int, kind: type[GaiaError]) -> None:
    """With its code, its words, its facts; and it is not called again."""
    server = Server(problem(status, "some-code", act="resume", subject="req_1", said="Then resume it", after="Or not."))
    error = raised(server.client().me)
    assert type(error) is kind
    assert (error.code, error.message, error.facts, len(server.calls)) == ("some-code", "no", {"a": 1}, 1)
    assert isinstance(error.next_step, Next)
    assert (error.next_step.act, error.next_step.words, error.next_step.after) == (
        "resume",
        "Then resume it",
        "Or not.",
    )


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(404, json={"message": "no"})])
def test_an_answer_of_something_else_is_said(answer: httpx.Response) -> None:
    """A proxy's page is no answer of Gaia's."""
    assert raised(Server(answer).client().me).code == "server-unreadable"


def test_a_list_is_read_to_its_end() -> None:
    """Page after page; no further than was asked for."""
    pages = [
        httpx.Response(200, json={"requests": [{"id": "3"}, {"id": "2"}], "next": "2"}),
        httpx.Response(200, json={"requests": [{"id": "1"}], "next": None}),
    ]
    server = Server(*pages)
    assert [one["id"] for one in server.client().requests()] == ["3", "2", "1"]
    assert server.calls[1].url.params["after"] == "2"
    server = Server(pages[0])
    assert [one["id"] for one in server.client().requests(limit=2)] == ["3", "2"]


def test_a_stream_goes_on_where_it_was_cut_off() -> None:
    """After the last number that was read; it ends when the server says so."""
    begun = 'event: log\nid: 1\ndata: {"step": "admit"}\n\n: still here\n\n'
    rest = (
        'event: log\nid: 2\ndata: {"step": "render"}\n\nevent: request\ndata: {"id": "r"}\n\nevent: end\ndata: {}\n\n'
    )
    server = Server(httpx.Response(200, text=begun), httpx.ConnectError("gone"), httpx.Response(200, text=rest))
    events = list(server.client().events("photos"))
    assert [(one.kind, one.number) for one in events] == [("log", 1), ("log", 2), ("request", None)]
    assert [call.headers.get("last-event-id") for call in server.calls] == [None, "1", "1"]
    assert list(Server(httpx.Response(204)).client().events("photos", after=9)) == []


def test_a_stream_that_cannot_be_begun_is_said() -> None:
    """A refusal at once, a server that is away after some tries."""
    assert raised(lambda: list(Server(problem(404, "request-unknown")).client().events("x"))).code == "request-unknown"
    away = Server(*(httpx.ConnectError("gone") for _ in range(9)))
    assert raised(lambda: list(away.client().events("x"))).code == "server-unreachable"
    assert len(away.calls) == 6


def test_every_route_of_the_document_has_a_method() -> None:
    """But those that look after the server."""
    from gaia.api.app import make_api

    document = make_api(None).openapi()  # type: ignore[arg-type]
    paths = {f"/{path.removeprefix('/api/v1/')}" for path in document["paths"] if path.startswith("/api/v1")}
    source = "".join(map(inspect.getsource, Client.__mro__[:-1]))
    called = {path for path in paths if path.split("{")[0].rstrip("/").split("/")[1] in source}
    assert paths - called == {"/metrics"}
