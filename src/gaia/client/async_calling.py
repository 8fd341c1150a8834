"""Made by `make docs` of `calling.py` and the files of calls, to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from gaia.client.async_transport import AsyncTransport, async_sleep
from gaia.client.calling import Json, named
from gaia.client.drift_calls import _PAGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

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

    async def _call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        again: bool = True,
    ) -> Json:
        asked = {**(query or {}), "repository": self._repository}
        return await self._transport.call(method, path, query=asked, body=body, again=again)

    async def _get(self, path: str, **query: object) -> Json:
        return await self._call("GET", path, query=query)

    async def _post(self, path: str, body: object) -> Json:
        return await self._call("POST", path, body)

    async def _accepted(self, path: str, body: object) -> Json:
        made: Json = (await self._post(path, body))["request"]
        return made


class AsyncAsking(AsyncCalling):
    """The calls that ask for something; see `Client`."""

    async def ask(
        self,
        template: str,
        service: str,
        stack: str,
        answers: Mapping[str, object],
        *,
        expires_in: int | None = None,
        ttl: int | None = None,
        on_failure: str = "park",
    ) -> Json:
        """Ask for a service; the request. `expires_in` and `ttl` are seconds: to decide in, and that it lives.

        `on_failure`: `park`, or `undo` to have destroyed again what was made.
        """
        body = {"template": template, "service": service, "stack": stack, "answers": dict(answers)}
        return await self._accepted(
            "/services", body | {"expires_in": expires_in, "ttl": ttl, "on_failure": on_failure}
        )

    async def keep(
        self, service: str, stack: str, *, seconds: int | None = None, until: str | None = None, for_ever: bool = False
    ) -> Json:
        """Move the end of a service: so many seconds from now, to a time (RFC 3339), or away; else as long again.

        The request that it came from.
        """
        body = {"stack": stack, "seconds": seconds, "until": until, "for_ever": for_ever}
        return await self._post(f"/services/{named(service)}/keep", body)

    async def order(
        self,
        name: str,
        stack: str,
        services: Sequence[Mapping[str, object]],
        *,
        expires_in: int | None = None,
        ttl: int | None = None,
        on_failure: str = "park",
    ) -> Json:
        """Ask for several services at once, each `{template, service, answers}`; the request."""
        body = {"name": name, "stack": stack, "services": [dict(one) for one in services]}
        return await self._accepted("/orders", body | {"expires_in": expires_in, "ttl": ttl, "on_failure": on_failure})

    async def change(
        self,
        service: str,
        stack: str,
        answers: Mapping[str, object],
        *,
        replaces: str | None = None,
        expires_in: int | None = None,
    ) -> Json:
        """Ask for a service to have other answers, those given; the request. `replaces`: see the API's document."""
        body = {"stack": stack, "answers": dict(answers), "replaces": replaces, "expires_in": expires_in}
        return await self._accepted(f"/services/{named(service)}/change", body)

    async def change_request(
        self, request: str, answers: Mapping[str, object], *, replaces: str | None = None, expires_in: int | None = None
    ) -> Json:
        """Ask for the service of a request to have other answers; the new request."""
        body = {"answers": dict(answers), "replaces": replaces, "expires_in": expires_in}
        return await self._accepted(f"/requests/{named(request)}/change", body)

    async def change_from(self, branch: str, stack: str, *, expires_in: int | None = None) -> Json:
        """Ask for the manifests that a branch proposes for a stack, its tenant and stage; the request."""
        return await self._accepted("/changes", {"branch": branch, "stack": stack, "expires_in": expires_in})

    async def retire(self, service: str, stack: str) -> Json:
        """Ask for a service to be destroyed; the request."""
        return await self._accepted(f"/services/{named(service)}/retire", {"stack": stack})


class AsyncCatalogCalls(AsyncCalling):
    """What there is, as entities of Backstage."""

    async def catalog(self, *, kind: str | None = None) -> Json:
        """`{entities, seq}`: all of them, or those of a kind; what happened after the event `seq` may change them."""
        return await self._get("/catalog/entities", kind=kind)


class AsyncDriftCalls(AsyncCalling):
    """What was found of instances, a look now, and putting a service back."""

    async def drift(
        self,
        *,
        stack: str | None = None,
        component: str | None = None,
        state: str | None = None,
        since: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[Json]:
        """The last look at each instance, by stack and component, page after page. `since` is RFC 3339."""
        after, left = (None, limit)
        while left is None or left > 0:
            size = min(left or _PAGE, _PAGE)
            query = {"stack": stack, "component": component, "state": state, "since": since, "after": after}
            found = await self._get("/drift", **query, limit=size)
            for each in found["instances"]:
                yield each
            after, left = (found["next"], None if left is None else left - size)
            if after is None:
                return

    async def drift_of(self, stack: str, component: str, *, after: str | None = None, limit: int = 50) -> Json:
        """What the last look at an instance found, and the looks before."""
        return await self._get(f"/drift/{named(stack)}/{named(component)}", after=after, limit=limit)

    async def look(self, stack: str, component: str) -> Json:
        """Have an instance looked at now; the run."""
        made: Json = (await self._post("/drift", {"stack": stack, "component": component}))["look"]
        return made

    async def cancel_look(self, run: str, *, now: bool = False) -> Json:
        """Have a look end; the run."""
        ended: Json = (await self._post("/drift/cancel", {"run": run, "now": now}))["look"]
        return ended

    async def reconcile(self, service: str, stack: str) -> Json:
        """Ask for a service to be put back as it is published; the request."""
        return await self._accepted(f"/services/{named(service)}/reconcile", {"stack": stack})


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
