"""What is known of a release on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gaia.gitops.model import Place

Carried = Literal["ours", "alike", "before", "overtaken", "unknown"]
"""What a commit that Argo CD names is to the release: it, or a later one with the very same files of the service; an
earlier one with the same files; one with others; a later one with others; one that the repository does not have."""
State = Literal["missing", "waiting", "applying", "rolling-out", "failed", "overtaken", "unreachable", "deployed"]
FINAL = ("failed", "overtaken", "deployed")
UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Resource:
    """An object of the application."""

    kind: str
    name: str
    status: str
    """`Synced`, `OutOfSync`, `SyncFailed`, …"""
    health: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Application:
    """What Argo CD says of one. What it does not say is `Unknown` or empty."""

    sync: str
    revision: str
    """The commit that was last compared with what runs."""
    health: str
    phase: str
    """Of the last operation: `Running`, `Succeeded`, `Failed`, `Error`, …"""
    applied: str
    """The commit that the operation is of."""
    said: str
    """By the operation."""
    succeeded: str
    """The commit of the last operation that succeeded."""
    conditions: tuple[tuple[str, str], ...] = ()
    """Types and messages."""
    results: tuple[Resource, ...] = ()
    """Of the operation."""
    resources: tuple[Resource, ...] = ()
    is_local: bool = False
    """Whether it runs in the cluster that Argo CD runs in."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a release is."""

    state: State
    told: str
    """In a sentence, without its end."""
    place: Place
    commit: str
    application: Application | None = None
    why: str = ""
    """Why it does not go on, where that is known."""

    def as_json(self) -> dict[str, object]:
        """For machines."""
        app, place = self.application, self.place
        return {
            "service": place.service,
            "tenant": place.tenant,
            "stage": place.stage,
            "commit": self.commit,
            "state": self.state,
            "told": self.told,
            "why": self.why or None,
            "revision": (app.revision or None) if app else None,
            "sync": app.sync if app else None,
            "health": app.health if app else None,
            "operation": (app.phase or None) if app else None,
        }


def application_of(place: Place) -> str:
    """The name of a release's application, as the application sets make it."""
    return f"{place.tenant}.{place.stage}.{place.service}"
