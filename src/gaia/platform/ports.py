"""What doors may ask of the platform: one interface, implemented by `service.Platform` and by fakes in door tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta

    from gaia.platform.model import Leftover, RequestLine, RequestView, Until, WhyView, Wish
    from gaia.records.model import OnFailure


class PlatformDoor(Protocol):
    """Every call is made in the name of the person whose token was given; anonymous calls are `Unauthenticated`."""

    @property
    def who(self) -> str:
        """The caller's name."""
        ...

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
        """Write the request down and queue its preview; work it off with `work`. `ttl`: how long the service lives.

        `on_failure`: whether what was made is left with the list of what is not, or destroyed again.
        """
        ...

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
        """Ask for several services at once: all are let in, previewed, approved and applied as one, or none."""
        ...

    def change(
        self,
        service: str,
        stack: str,
        answers: Mapping[str, object],
        *,
        replaces: str | None = None,
        expires: timedelta | None = None,
    ) -> RequestView:
        """Ask for a service that stands to have other answers: those given, the rest as they are.

        Waits in line while something is applied to the service. `replaces`: the digest of a manifest that was edited by
        hand and may be written over.
        """
        ...

    def change_from(self, branch: str, stack: str, *, expires: timedelta | None = None) -> RequestView:
        """Ask for the manifests that a branch of the platform repository proposes for a stack, its tenant and stage."""
        ...

    def retire(self, service: str, stack: str) -> RequestView:
        """Ask for a service to be destroyed; previewed and approved like any request."""
        ...

    def reconcile(self, service: str, stack: str) -> RequestView:
        """Ask for a service that has drifted to be put back as it is published; previewed and approved like any."""
        ...

    def keep(self, service: str, stack: str, *, until: Until | None = None) -> RequestView:
        """Move the end of a service that was given one; None: so long again as it was given."""
        ...

    def approve(
        self,
        request: str,
        *,
        digest: str | None = None,
        judgement: str | None = None,
        reason: str = "",
        on_behalf: str | None = None,
    ) -> RequestView:
        """Approve the preview and judgement with these digests (the current ones if None); queue the application.

        It is queued once there are as many approvals as the rules ask for. `on_behalf`: in whose name, if another's.
        """
        ...

    def reject(self, request: str, *, reason: str) -> RequestView:
        """Say no, for good; what was made before is retired."""
        ...

    def comment(self, request: str, text: str) -> RequestView:
        """Say something about a request, to everybody who sees it."""
        ...

    def cancel(self, request: str, *, now: bool = False) -> RequestView:
        """Have what is carried out for a request end well, or (`now`) at once; nothing is undone."""
        ...

    def resume(self, request: str) -> RequestView:
        """Queue a parked or interrupted run again."""
        ...

    def request(self, request: str) -> RequestView:
        """One request by id, unique id prefix, or service name."""
        ...

    def requests(
        self, *, stack: str | None = None, open_only: bool = False, after: str | None = None, limit: int | None = None
    ) -> Sequence[RequestLine]:
        """Requests that the caller may see, newest first: at most `limit`, of those before the request `after`."""
        ...

    def work(self, request: str, on_change: Callable[[RequestView], None] | None = None) -> RequestView:
        """Return when the request waits or has ended: carries it out here when no engine runs, else watches."""
        ...

    def log(self, request: str, *, follow: bool = False) -> Iterator[Mapping[str, object]]:
        """Log lines of the request's runs (format: docs/reference/output.md), oldest first."""
        ...

    def clean(self, *, longest: timedelta | None = None, dry_run: bool = False) -> Sequence[Leftover]:
        """Take away what is kept for longer than it has to be, and for longer than `longest` if that is given.

        What was taken or, with `dry_run`, would be. An admin's business.
        """
        ...

    def why(self, subject: str, *, stack: str | None = None) -> WhyView:
        """Explain a resource (address or cloud id), a service or a commit."""
        ...
