"""The calls about drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
_PAGE = 500


class _Calling(Protocol):
    """What the client does for each of its methods."""

    def _get(self, path: str, **query: object) -> Json: ...
    def _post(self, path: str, body: object) -> Json: ...
    def _accepted(self, path: str, body: object) -> Json: ...


class DriftCalls:
    """What was found of instances, a look now, and putting a service back."""

    def drift(
        self: _Calling,
        *,
        stack: str | None = None,
        component: str | None = None,
        state: str | None = None,
        since: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Json]:
        """The last look at each instance, by stack and component, page after page. `since` is RFC 3339."""
        after, left = None, limit
        while left is None or left > 0:
            size = min(left or _PAGE, _PAGE)
            query = {"stack": stack, "component": component, "state": state, "since": since, "after": after}
            found = self._get("/drift", **query, limit=size)
            yield from found["instances"]
            after, left = found["next"], None if left is None else left - size
            if after is None:
                return

    def drift_of(self: _Calling, stack: str, component: str, *, after: str | None = None, limit: int = 50) -> Json:
        """What the last look at an instance found, and the looks before."""
        return self._get(f"/drift/{_named(stack)}/{_named(component)}", after=after, limit=limit)

    def look(self: _Calling, stack: str, component: str) -> Json:
        """Have an instance looked at now; the run."""
        made: Json = self._post("/drift", {"stack": stack, "component": component})["look"]
        return made

    def cancel_look(self: _Calling, run: str, *, now: bool = False) -> Json:
        """Have a look end; the run."""
        ended: Json = self._post("/drift/cancel", {"run": run, "now": now})["look"]
        return ended

    def reconcile(self: _Calling, service: str, stack: str) -> Json:
        """Ask for a service to be put back as it is published; the request."""
        return self._accepted(f"/services/{_named(service)}/reconcile", {"stack": stack})


def _named(text: str) -> str:
    return quote(text, safe="")
