"""Made by `make docs` of `calling.py` and `workflow_calls.py`, to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from gaia.client.async_transport import AsyncTransport, async_sleep
from gaia.client.calling import Json, named

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx


class AsyncCalling:
    """A server, a token, a repository; see `Client`."""

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str | None] | None = None,
        *,
        repository: str | None = None,
        http: httpx.AsyncClient | None = None,
        timeout: float = 60.0,
        pause: Callable[[float], Awaitable[None]] = async_sleep,
    ) -> None:
        self._transport = AsyncTransport(url, token, http, timeout, pause)
        self._repository = repository
        self._pause = pause

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._transport.close()

    async def _get(self, path: str, **query: object) -> Json:
        return await self._transport.call("GET", path, query={**query, "repository": self._repository})

    async def _post(self, path: str, body: object) -> Json:
        return await self._transport.call("POST", path, query={"repository": self._repository}, body=body)

    async def _accepted(self, path: str, body: object) -> Json:
        made: Json = (await self._post(path, body))["request"]
        return made

    def _which(self) -> str:
        return f"?repository={named(self._repository)}" if self._repository else ""


class AsyncWorkflowCalls(AsyncCalling):
    """The calls of `/workflows`."""

    async def workflows(self) -> list[Json]:
        """Those of the published commit."""
        return list((await self._get("/workflows"))["workflows"])

    async def start_workflow(self, workflow: str, *, stack: str, file: str | None = None) -> Json:
        """Have one carried out whose steps only look; the execution."""
        return await self._post(f"/workflows/{named(workflow)}/executions", {"stack": stack, "file": file})

    async def executions(
        self, workflow: str, *, stack: str | None = None, after: str | None = None, limit: int = 50
    ) -> Json:
        """`{executions, next}`: what came of it, newest first."""
        return await self._get(f"/workflows/{named(workflow)}/executions", stack=stack, after=after, limit=limit)

    async def execution(self, workflow: str, execution: str) -> Json:
        """One of them."""
        return await self._get(f"/workflows/{named(workflow)}/executions/{named(execution)}")

    async def execution_log(self, workflow: str, execution: str) -> list[Json]:
        """What it has said so far."""
        return list((await self._get(f"/workflows/{named(workflow)}/executions/{named(execution)}/log"))["lines"])

    async def cancel_execution(self, workflow: str, execution: str, *, now: bool = False) -> Json:
        """Have it end; the execution."""
        return await self._post(f"/workflows/{named(workflow)}/executions/{named(execution)}/cancel", {"now": now})
