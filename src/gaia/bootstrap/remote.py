"""The platform of a server elsewhere, as `PlatformDoor`: what the terminal works with where GAIA_URL is set."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gaia.errors import Conflict, NotFound
from gaia.kit import clock
from gaia.platform.model import RequestLine, RequestView, WhyView
from gaia.platform.views import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gaia.client import Client
    from gaia.platform.model import Leftover, Until, Wish
    from gaia.records.model import OnFailure

_LONGEST = 1000
"""Characters of a name in a URL; no request has one so long, and servers refuse far longer ones."""


class RemotePlatform:
    """Implements `PlatformDoor` over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._who = ""

    @property
    def who(self) -> str:
        """The caller's name."""
        self._who = self._who or str(self._client.me()["name"])
        return self._who

    def submit(
        self,
        template: str,
        service: str,
        stack: str,
        answers: Mapping[str, object],
        *,
        expires: timedelta | None = None,
        ttl: timedelta | None = None,
        on_failure: OnFailure = "park",
    ) -> RequestView:
        """See `PlatformDoor`."""
        seconds = None if expires is None else int(expires.total_seconds())
        lives = None if ttl is None else int(ttl.total_seconds())
        asked = self._client.ask(
            template, service, stack, answers, expires_in=seconds, ttl=lives, on_failure=on_failure
        )
        return _view(asked)

    def order(
        self,
        name: str,
        stack: str,
        services: Sequence[Wish],
        *,
        expires: timedelta | None = None,
        ttl: timedelta | None = None,
        on_failure: OnFailure = "park",
    ) -> RequestView:
        """See `PlatformDoor`."""
        seconds = None if expires is None else int(expires.total_seconds())
        lives = None if ttl is None else int(ttl.total_seconds())
        wanted = [asdict(one) for one in services]
        return _view(self._client.order(name, stack, wanted, expires_in=seconds, ttl=lives, on_failure=on_failure))

    def change(
        self,
        service: str,
        stack: str,
        answers: Mapping[str, object],
        *,
        replaces: str | None = None,
        expires: timedelta | None = None,
    ) -> RequestView:
        """See `PlatformDoor`."""
        seconds = None if expires is None else int(expires.total_seconds())
        return _view(self._client.change(service, stack, answers, replaces=replaces, expires_in=seconds))

    def change_from(self, branch: str, stack: str, *, expires: timedelta | None = None) -> RequestView:
        """See `PlatformDoor`."""
        seconds = None if expires is None else int(expires.total_seconds())
        return _view(self._client.change_from(branch, stack, expires_in=seconds))

    def retire(self, service: str, stack: str) -> RequestView:
        """See `PlatformDoor`."""
        return _view(self._client.retire(service, stack))

    def reconcile(self, service: str, stack: str) -> RequestView:
        """See `PlatformDoor`."""
        return _view(self._client.reconcile(service, stack))

    def keep(self, service: str, stack: str, *, until: Until | None = None) -> RequestView:
        """See `PlatformDoor`."""
        if isinstance(until, datetime):
            return _view(self._client.keep(service, stack, until=clock.rfc3339(until)))
        if isinstance(until, timedelta):
            return _view(self._client.keep(service, stack, seconds=int(until.total_seconds())))
        return _view(self._client.keep(service, stack, for_ever=until is not None))

    def approve(
        self,
        request: str,
        *,
        digest: str | None = None,
        judgement: str | None = None,
        reason: str = "",
        on_behalf: str | None = None,
    ) -> RequestView:
        """See `PlatformDoor`."""
        named = {"digest": digest, "judgement": judgement, "on_behalf": on_behalf}
        return _view(self._client.approve(_short(request), reason=reason, **named))

    def reject(self, request: str, *, reason: str) -> RequestView:
        """See `PlatformDoor`."""
        return _view(self._client.reject(_short(request), reason=reason))

    def comment(self, request: str, text: str) -> RequestView:
        """See `PlatformDoor`."""
        return _view(self._client.comment(_short(request), text))

    def cancel(self, request: str, *, now: bool = False) -> RequestView:
        """See `PlatformDoor`."""
        return _view(self._client.cancel(_short(request), now=now))

    def resume(self, request: str) -> RequestView:
        """See `PlatformDoor`."""
        return _view(self._client.resume(_short(request)))

    def request(self, request: str) -> RequestView:
        """See `PlatformDoor`."""
        return _view(self._client.request(_short(request)))

    def requests(
        self, *, stack: str | None = None, open_only: bool = False, after: str | None = None, limit: int | None = None
    ) -> Sequence[RequestLine]:
        """See `PlatformDoor`."""
        found = self._client.requests(stack=stack, open_only=open_only, after=after, limit=limit, cost=True)
        return [wire.read(RequestLine, line) for line in found]

    def work(self, request: str, on_change: Callable[[RequestView], None] | None = None) -> RequestView:
        """Looks on: the server carries it out."""
        found = self.request(request)
        for event in self._client.events(found.id):
            if event.kind == "request":
                found = _view(event.data)
                if on_change is not None:
                    on_change(found)
        return self.request(found.id)

    def log(self, request: str, *, follow: bool = False) -> Iterator[Mapping[str, object]]:
        """See `PlatformDoor`."""
        found = self.request(request).id  # now, not when the first line is asked for
        if not follow:
            return self._client.log(found)
        return (event.data for event in self._client.events(found) if event.kind == "log")

    def clean(self, *, longest: timedelta | None = None, dry_run: bool = False) -> Sequence[Leftover]:
        """Not from here."""
        del longest, dry_run
        raise Conflict(
            "not-from-here",
            "what a server keeps is cleaned away where it runs",
            next_step="Take GAIA_URL away and run it on the server's machine.",
        )

    def why(self, subject: str, *, stack: str | None = None) -> WhyView:
        """See `PlatformDoor`."""
        if len(subject) > _LONGEST * 4:
            raise NotFound(
                "subject-unknown",
                f"Gaia made nothing that is called {subject[:100]!r}…",
                next_step="Give a Terraform address, a cloud id, STACK/COMPONENT, a service or a commit.",
            )
        return wire.read(WhyView, self._client.explain(subject, stack=stack))


def _view(document: dict[str, Any]) -> RequestView:
    return wire.read(RequestView, document)


def _short(request: str) -> str:
    """A name that can stand in a URL: `NotFound` for one that no request has."""
    if len(request) > _LONGEST:
        from gaia.records.requests import unknown

        raise unknown(request)
    return request
