"""The client: what it sends, what it makes of answers, and when it calls again."""

from __future__ import annotations

import inspect
import json
import re
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

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


LISTS = (
    "requests", "lines", "services", "stacks", "components", "instances", "templates", "found", "rules", "webhooks",
    "deliveries", "budgets", "quotas", "tokens", "people", "delegations", "entries", "workflows", "executions", "looks",
)  # fmt: skip


GIVEN: dict[str, object] = {"answers": {}, "plan": {}, "roles": ["x"], "services": [{}]}


class Recorder:
    """Answers every call, the first one of each method with what the test gave instead."""

    def __init__(self, first: Exception | None = None) -> None:
        self.first = first
        self.calls: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """What a call may want of an answer."""
        self.calls.append(request)
        if self.first is not None and len(self.calls) == 1:
            raise self.first
        if request.headers["accept"] == "text/event-stream":
            return httpx.Response(200, text="event: end\ndata: {}\n\n")
        return httpx.Response(
            200, json={name: [] for name in LISTS} | {"next": None, "request": {}, "answers": {}, "look": {}}
        )


def methods() -> list[str]:
    """Of the client that call the server."""
    found = [name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")]
    return [name for name in found if name != "close"]


def made(name: str, first: Exception | None = None) -> list[httpx.Request]:
    """The calls of one method with arguments that are called `~NAME`."""
    recorder = Recorder(first)
    client = Client(
        "http://gaia.example", http=httpx.Client(transport=httpx.MockTransport(recorder)), repository="platform",
        pause=lambda _: None,
    )  # fmt: skip
    method = getattr(client, name)
    given: dict[str, object] = {
        one.name: GIVEN.get(one.name, f"~{one.name}")
        for one in inspect.signature(method).parameters.values()
        if one.default is one.empty
    }
    with suppress(Unavailable):
        answered = method(**given)
        if inspect.isgenerator(answered):
            list(answered)
    return recorder.calls


def form(call: httpx.Request) -> tuple[str, str]:
    """Verb and path, arguments as `{}`."""
    parts = ["{}" if part.startswith("~") else part for part in call.url.path.split("/")]
    return call.method.lower(), "/".join(parts)


@cache
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Each operation of the document by verb and path, but those that look after the server."""
    from gaia.api.app import make_api

    document = make_api(None).openapi()  # type: ignore[arg-type]
    return {
        (verb, re.sub(r"\{[^}]*\}", "{}", path)): operation
        for path, each in document["paths"].items()
        for verb, operation in each.items()
        if operation["operationId"] not in ("get_metrics", "get_health", "get_readiness")
    }


def test_every_operation_of_the_document_has_a_method() -> None:
    """And every method calls one."""
    called = {form(call) for name in methods() for call in made(name)}
    assert called == set(operations())


@pytest.mark.parametrize("name", methods())
def test_every_call_says_which_repository_is_meant(name: str) -> None:
    """Wherever the document asks."""
    [call] = made(name)
    asked = {one["name"] for one in operations()[form(call)].get("parameters", ())}
    assert "repository" not in asked or call.url.params["repository"] == "platform"


CHANGE_NOTHING = frozenset({"evaluate_plan", "estimate_plan", "check_answers"})


@pytest.mark.parametrize("name", methods())
def test_only_what_is_done_once_is_called_again(name: str) -> None:
    """Where nobody answered in time: what changes nothing, and what the server does once for a key."""
    calls = made(name, httpx.ReadTimeout("slow"))
    operation = operations()[form(calls[0])]
    once = "Idempotency-Key" in {one["name"] for one in operation.get("parameters", ())}
    harmless = calls[0].method == "GET" or operation["operationId"] in CHANGE_NOTHING or once
    begun_again = harmless and name != "export_audit"  # half of an export was handed on already
    assert (len(calls) > 1) == begun_again


def test_what_was_called_once_may_have_been_done() -> None:
    """A token of which nobody read the secret: the caller is told to look."""
    server = Server(httpx.ReadTimeout("slow"))
    error = raised(lambda: server.client().create_token("dana", roles=["developer"]))
    assert error.code == "server-unreachable"
    assert "what it has done already" in str(error.next_step)
    assert len(server.calls) == 1
