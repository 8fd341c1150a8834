"""The client whose calls are awaited: the same calls as its twin's, which `make docs` makes it of."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import httpx
import pytest
from tests.unit.client.test_client import Server, problem

from gaia.client import AsyncClient, AtmosClient, Client, Event
from gaia.errors import NotFound, ToolFailed


def client(server: Server) -> AsyncClient:
    """Of a server that is played."""

    async def pause(seconds: float) -> None:
        server.pauses.append(seconds)

    def answer(request: httpx.Request) -> httpx.Response:
        return server._answer(request)

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return AsyncClient("http://gaia.example", lambda: "gaia_tok_x", http=http, repository="platform", pause=pause)


def test_both_have_the_same_methods_with_the_same_arguments() -> None:
    """But for what is awaited, and for the names that Python gives the ends of an asynchronous block."""

    def public(kind: type[Any]) -> dict[str, list[str]]:
        return {
            name: [
                str(one.replace(annotation=inspect.Parameter.empty))
                for one in inspect.signature(made).parameters.values()
            ]
            for one in kind.__mro__[:-1]
            for name, made in vars(one).items()
            if inspect.isfunction(made) and not name.startswith("_")
        }

    assert public(AsyncClient) == public(Client)


def test_what_changes_something_is_called_again_with_the_same_key() -> None:
    """After a pause that is waited for."""
    made = httpx.Response(202, json={"request": {"id": "req_1"}})
    server = Server(httpx.ReadTimeout("slow"), httpx.Response(502, text="<html>"), made)

    async def ask() -> object:
        async with client(server) as gaia:
            return await gaia.ask("t", "s", "st", {"a": 1})

    assert asyncio.run(ask()) == {"id": "req_1"}
    assert len({call.headers["idempotency-key"] for call in server.calls}) == 1
    assert server.calls[0].headers["authorization"] == "Bearer gaia_tok_x"
    assert len(server.pauses) == 2


def test_a_problem_is_the_error_that_it_was_there() -> None:
    """Also of a stream."""

    async def ask(gaia: AsyncClient) -> None:
        await gaia.request("x")

    async def follow(gaia: AsyncClient) -> None:
        async for _ in gaia.events("x"):
            pass

    for call in (ask, follow):
        with pytest.raises(NotFound) as caught:
            asyncio.run(call(client(Server(problem(404, "request-unknown")))))
        assert caught.value.code == "request-unknown"


def test_lists_and_streams_are_read_with_async_for() -> None:
    """Page after page; a stream that was cut off goes on after the last number that was read."""
    pages = [
        httpx.Response(200, json={"requests": [{"id": "2"}], "next": "2"}),
        httpx.Response(200, json={"requests": [{"id": "1"}], "next": None}),
    ]
    begun = 'event: log\nid: 1\ndata: {"step": "admit"}\n\n'
    rest = 'event: log\nid: 2\ndata: {"step": "render"}\n\nevent: end\ndata: {}\n\n'
    parts: list[httpx.Response | Exception] = [
        httpx.Response(200, text=begun),
        httpx.ConnectError("gone"),
        httpx.Response(200, text=rest),
    ]
    exported = httpx.Response(200, text="{}\n{}\nend")

    async def read() -> tuple[list[str], list[Event], list[bytes]]:
        listed = [one["id"] async for one in client(Server(*pages)).requests()]
        events = [one async for one in client(Server(*parts)).events("photos")]
        return listed, events, [line async for line in client(Server(exported)).export_audit()]

    listed, events, lines = asyncio.run(read())
    assert listed == ["2", "1"]
    assert [one.number for one in events] == [1, 2]
    assert lines == [b"{}\n", b"{}\n", b"end"]


def test_a_workflow_is_begun_and_waited_for() -> None:
    """Its execution, when it has ended well; an error with the execution, when it has not."""

    def execution(status: str, ended: str | None) -> httpx.Response:
        return httpx.Response(200, json={"id": "run_1", "status": status, "ended_at": ended, "reason": "", "code": "x"})

    async def execute(*answers: httpx.Response) -> tuple[object, list[str]]:
        told: list[str] = []
        server = Server(*answers)

        async def pause(seconds: float) -> None:
            server.pauses.append(seconds)

        http = httpx.AsyncClient(transport=httpx.MockTransport(server._answer))
        async with AtmosClient("http://gaia.example", "x", http=http, pause=pause) as atmos:
            done = await atmos.execute_workflow("look", stack="s", on_change=lambda one: told.append(one["status"]))
        assert len(server.pauses) == len(answers) - 1
        return done["status"], told

    queued, running = execution("queued", None), execution("running", None)
    assert asyncio.run(execute(queued, running, running, execution("done", "now"))) == (
        "done",
        ["queued", "running", "done"],
    )
    with pytest.raises(ToolFailed) as caught:
        asyncio.run(execute(queued, execution("failed", "now")))
    assert caught.value.facts["execution"] == {
        "id": "run_1", "status": "failed", "ended_at": "now", "reason": "", "code": "x",
    }  # fmt: skip
