"""The calls about drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.client.calling import Calling, Json, named

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = 500


class DriftCalls(Calling):
    """What was found of instances, a look now, and putting a service back."""

    def drift(
        self,
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

    def drift_of(self, stack: str, component: str, *, after: str | None = None, limit: int = 50) -> Json:
        """What the last look at an instance found, and the looks before."""
        return self._get(f"/drift/{named(stack)}/{named(component)}", after=after, limit=limit)

    def look(self, stack: str, component: str) -> Json:
        """Have an instance looked at now; the run."""
        made: Json = self._post("/drift", {"stack": stack, "component": component})["look"]
        return made

    def cancel_look(self, run: str, *, now: bool = False) -> Json:
        """Have a look end; the run."""
        ended: Json = self._post("/drift/cancel", {"run": run, "now": now})["look"]
        return ended

    def reconcile(self, service: str, stack: str) -> Json:
        """Ask for a service to be put back as it is published; the request."""
        return self._accepted(f"/services/{named(service)}/reconcile", {"stack": stack})
