"""Asking for services, for other answers of one, and for the end of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.client.calling import Calling, Json, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Asking(Calling):
    """The calls that ask for something; see `Client`."""

    def ask(
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
        return self._accepted("/services", body | {"expires_in": expires_in, "ttl": ttl, "on_failure": on_failure})

    def keep(
        self,
        service: str,
        stack: str,
        *,
        seconds: int | None = None,
        until: str | None = None,
        for_ever: bool = False,
    ) -> Json:
        """Move the end of a service: so many seconds from now, to a time (RFC 3339), or away; else as long again.

        The request that it came from.
        """
        body = {"stack": stack, "seconds": seconds, "until": until, "for_ever": for_ever}
        return self._post(f"/services/{named(service)}/keep", body)

    def order(
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
        return self._accepted("/orders", body | {"expires_in": expires_in, "ttl": ttl, "on_failure": on_failure})

    def change(
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
        return self._accepted(f"/services/{named(service)}/change", body)

    def change_request(
        self,
        request: str,
        answers: Mapping[str, object],
        *,
        replaces: str | None = None,
        expires_in: int | None = None,
    ) -> Json:
        """Ask for the service of a request to have other answers; the new request."""
        body = {"answers": dict(answers), "replaces": replaces, "expires_in": expires_in}
        return self._accepted(f"/requests/{named(request)}/change", body)

    def change_from(self, branch: str, stack: str, *, expires_in: int | None = None) -> Json:
        """Ask for the manifests that a branch proposes for a stack, its tenant and stage; the request."""
        return self._accepted("/changes", {"branch": branch, "stack": stack, "expires_in": expires_in})

    def retire(self, service: str, stack: str) -> Json:
        """Ask for a service to be destroyed; the request."""
        return self._accepted(f"/services/{named(service)}/retire", {"stack": stack})
