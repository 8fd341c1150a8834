"""Routes whose calls may carry an `Idempotency-Key`: the same call again does nothing and is answered the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from fastapi.routing import APIRoute

from gaia.api.caller import BEARER, caller, served
from gaia.api.problems import problem
from gaia.errors import GaiaError, Invalid
from gaia.kit import clock
from gaia.records import answers
from gaia.records.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request

    from gaia.access.callers import Caller

HEADER = "idempotency-key"
REPLAYED = "idempotency-replayed"
LONGEST = 200
_KEPT_HEADERS = ("location", "content-type", "retry-after", "www-authenticate")


class OnceRoute(APIRoute):
    """A route that changes something."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, asked only where the key has not been answered yet."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method == "GET":
                return await handle(request)
            _check(key)
            given = await BEARER(request)
            who = await run_in_threadpool(caller, request, given)
            body = await request.body()
            call = _digest(request, body)
            before = await run_in_threadpool(_take, request, who, key, call)
            if before is not None:
                return Response(before.body, before.status, {**before.headers, REPLAYED: "true"})
            try:
                made = await _answered(handle, request)
            except BaseException:
                await run_in_threadpool(_let_go, request, who, key)
                raise
            await run_in_threadpool(_keep, request, who, key, made)
            return made

        return once


async def _answered(handle: Callable[[Request], Coroutine[Any, Any, Response]], request: Request) -> Response:
    """The answer; a refusal is one too, and is given again."""
    try:
        return await handle(request)
    except GaiaError as error:
        if error.http_status >= 500 or error.http_status in (401, 429):
            raise
        return problem(error, request.url.path, request.app.state.hide)


def _check(key: str) -> None:
    if not key or len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise Invalid(
            "idempotency-key-invalid",
            f"an idempotency key is 1 to {LONGEST} printable ASCII characters",
            next_step="Take a new UUID for each thing that is to be done.",
        )


def _digest(request: Request, body: bytes) -> str:
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        digest.update(len(part.encode()).to_bytes(4, "big") + part.encode())
    digest.update(body)
    return digest.hexdigest()


def _take(request: Request, who: Caller, key: str, call: str) -> Answer | None:
    with served(request).first.database.begin() as tx:
        return answers.take(tx, who.id, key, call, at=clock.now(), rights=_rights(who))


def _rights(who: Caller) -> list[str]:
    """What an answer was given for: each role in its place, and each thing that the token may be used for."""
    return [*(f"{one.role} {one.tenant} {one.stage}" for one in who.grants), *(f"may {one}" for one in who.scopes)]


def _keep(request: Request, who: Caller, key: str, made: Response) -> None:
    headers = {name: value for name, value in made.headers.items() if name in _KEPT_HEADERS}
    kept = Answer(made.status_code, bytes(cast("bytes", made.body)), headers)
    with served(request).first.database.begin() as tx:
        if made.status_code < 500:
            answers.keep(tx, who.id, key, kept)
        else:
            answers.let_go(tx, who.id, key)


def _let_go(request: Request, who: Caller, key: str) -> None:
    with served(request).first.database.begin() as tx:
        answers.let_go(tx, who.id, key)
