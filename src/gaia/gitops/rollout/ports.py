"""Where an application can be asked about: Argo CD's API, or the Kubernetes API of the cluster that it runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.gitops.model import Place
    from gaia.gitops.rollout.model import Application


class Cluster(Protocol):
    """One of the two."""

    @property
    def shown(self) -> str:
        """What it is, for people."""

    def application(self, place: Place, *, refresh: bool) -> Application | None:
        """What is known of it now; None where there is none. `refresh`: look at git first, where that can be asked.

        Raises:
            Unavailable: `cluster-unreachable`, `cluster-unreadable`. Unauthenticated: `cluster-unauthenticated`.
            Refused: `cluster-forbidden`. Invalid: `cluster-token`.
        """

    def changes(self, place: Place, seconds: float) -> Iterator[Application]:
        """What it changes to; ends after that time or before, and never with an error: then it is asked anew."""

    def deployment(self, place: Place, application: Application, name: str) -> Mapping[str, object] | None:
        """A Deployment of the service's namespace as it is; None where there is none, or it is in another cluster.

        Raises:
            As `application`.
        """

    def objects(self, place: Place, application: Application) -> tuple[Mapping[str, object], ...]:
        """Pods of the service, and what makes them, that are not well or of which nothing is known; none if unknown."""
