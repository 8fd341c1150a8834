"""`lock.yaml` beside a `release.yaml`: nothing is released there until somebody takes it away.

It lies in the repository, so it holds for everybody who releases, wherever they do, and history says whose it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, Next
from gaia.gitops.fields import Fields, is_plain, shown
from gaia.gitops.written import document
from gaia.kit import clock, yaml

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.errors import Position
    from gaia.gitops.model import Place

FILE = "lock.yaml"
LONGEST = 300
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Who wants that nothing is released in a place, and why."""

    who: str
    why: str
    since: datetime
    held: str = ""
    """The image that a rollback took back; empty where a person locked it."""

    @property
    def text(self) -> str:
        """The file."""
        said = {"who": self.who, "why": self.why, "since": clock.rfc3339(self.since)}
        return document(said | ({"held": self.held} if self.held else {}))

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "who": self.who,
            "why": self.why,
            "since": clock.rfc3339(self.since),
            "held": self.held or None,
        }


def path_of(place: Place) -> str:
    """Where its lock lies."""
    return f"{place.folder}/{FILE}"


def read(content: str, path: str) -> Lock:
    """The lock in a file. One that cannot be read is an error, and never none.

    Raises:
        Invalid: `release-lock-invalid`, `yaml-…`.
    """
    held = Fields.of(yaml.parse(content.encode(), path), _wrong)
    held.only("who", "why", "since", "held")
    try:
        since = clock.parse_rfc3339(held.text("since", as_in='"2026-12-01T08:00:00.000Z"'))
    except ValueError:
        raise held.wrong("since", "since is no moment", 'Write it as "2026-12-01T08:00:00.000Z".') from None
    return Lock(held.text("who", as_in="ada"), held.text("why", as_in="an incident"), since, held.text("held", ""))


def reason(why: str) -> str:
    """A reason that may be written down: a line that people can read.

    Raises:
        Invalid: `release-lock-reason`.
    """
    said = why.strip()
    if not said or len(said) > LONGEST or "\n" in said or "\t" in said or not is_plain(said):
        raise Invalid(
            "release-lock-reason",
            f"{shown(why)} is no reason: it is empty, has several lines, or characters that nobody sees",
            next_step=f"Say in one line of at most {LONGEST} characters why nothing may be released.",
        )
    return said


def refused(place: Place, lock: Lock) -> Conflict:
    """The error of a release where a lock is."""
    return Conflict(
        "release-locked",
        f"nothing is released of {place}: {lock.who} locked it at {clock.rfc3339(lock.since)}: {lock.why}",
        next_step=Next(
            "release unlock",
            place.service,
            f"Ask {lock.who}, and take the lock away when its reason is gone",
            options=("--tenant", place.tenant, "--stage", place.stage),
        ),
        facts={"lock": lock.as_json()},
    )


def _wrong(at: Position, what: str, step: str) -> Invalid:
    return Invalid(
        "release-lock-invalid",
        f"the lock cannot be read, so nothing is released there: {what}",
        next_step=f"{step} Or remove the file, if nobody needs the lock.",
        at=at,
    )
