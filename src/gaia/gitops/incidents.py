"""Incidents: what was wrong with a release, and what was done about it by itself; files of the repository.

One comes in the very commit that takes a release back, so neither is there without the other, whenever somebody is
killed. It is named by the release's commit: two who find the same wrong at once write the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from gaia.errors import Invalid
from gaia.gitops.fields import Fields
from gaia.gitops.model import Place
from gaia.gitops.written import document
from gaia.kit import clock, yaml
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.errors import Position
    from gaia.gitops.releasing import Releases

FOLDER = "incidents"
Cause: TypeAlias = Literal["sync-failed", "degraded", "late", "smoke-failed", "alert"]
State: TypeAlias = Literal["open", "over", "overtaken", "parked"]
"""`over`: what was released before runs again. `overtaken`: somebody released something else. `parked`: a person has to
look, for taking the release back was not possible, or did not help."""
_FIELDS = ("tenant", "stage", "service", "change", "image", "cause", "told", "by", "began", "state", "ended", "why")
_TRY = ("at", "back_to", "image", "said")
_DEEP = len(("incidents", "TENANT", "STAGE", "SERVICE", "FILE"))
_SHORT = 12
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Try:
    """A release before, brought back."""

    at: datetime
    back_to: str
    """The commit that it is of."""
    image: str
    said: str = ""
    """Why that was not enough; empty while nobody knows, and where it was."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A release that was not well."""

    place: Place
    change: str
    """The commit that released it."""
    image: str
    cause: Cause
    told: str
    """What was seen."""
    by: str
    """Who was on guard."""
    began: datetime
    state: State = "open"
    ended: datetime | None = None
    why: str = ""
    """Why it is overtaken or parked, and what people should know of its end."""
    tries: tuple[Try, ...] = ()

    @property
    def path(self) -> str:
        """Its file."""
        return f"{FOLDER}/{self.place.tenant}/{self.place.stage}/{self.place.service}/{self.change[:_SHORT]}.yaml"

    @property
    def text(self) -> str:
        """The content of the file."""
        said = {name: value for name, value in self.as_json().items() if value not in (None, "", [])}
        said["tries"] = [{name: value for name, value in one.items() if value} for one in self._tries()]
        return document(said)

    def ended_as(self, state: State, why: str = "") -> Incident:
        """The same at its end."""
        return replace(self, state=state, ended=clock.now(), why=line(why))

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "tenant": self.place.tenant,
            "stage": self.place.stage,
            "service": self.place.service,
            "change": self.change,
            "image": self.image,
            "cause": self.cause,
            "told": self.told,
            "by": self.by,
            "began": clock.rfc3339(self.began),
            "state": self.state,
            "ended": clock.rfc3339(self.ended) if self.ended else None,
            "why": self.why or None,
            "tries": self._tries(),
        }

    def _tries(self) -> list[dict[str, object]]:
        return [
            {"at": clock.rfc3339(one.at), "back_to": one.back_to, "image": one.image, "said": one.said or None}
            for one in self.tries
        ]


def line(text: str) -> str:
    """Words of others as they are written down: one line of no great length that a terminal only shows."""
    return cut(visible(" ".join(text[: _LONGEST * 4].split())), _LONGEST)


def listed(releases: Releases, service: str | None = None) -> tuple[Incident, ...]:
    """All, or those of one service, the newest first.

    Raises:
        Invalid: `incident-invalid`, `yaml-…`.
    """
    paths = [path for path in releases.listing if path.startswith(f"{FOLDER}/") and path.count("/") == _DEEP - 1]
    paths = [path for path in paths if service in (None, path.split("/")[3])]
    contents = releases.repository.contents(releases.listing[path] for path in paths)
    found = [read(contents[releases.listing[path]], path) for path in paths]
    return tuple(sorted(found, key=lambda one: (one.began, one.path), reverse=True))


def of_change(releases: Releases, place: Place, change: str) -> Incident | None:
    """That of a release by its commit; None where there is none.

    Raises:
        Invalid: as `listed`.
    """
    return next((one for one in _of_place(releases, place) if one.change == change), None)


def open_of(releases: Releases, place: Place) -> Incident | None:
    """The newest of a place that is not at its end: somebody was killed, or is at work.

    Raises:
        Invalid: as `listed`.
    """
    return next((one for one in _of_place(releases, place) if one.state == "open"), None)


def _of_place(releases: Releases, place: Place) -> list[Incident]:
    return [one for one in listed(releases, place.service) if one.place == place]


def read(content: str, path: str) -> Incident:
    """The incident in a file.

    Raises:
        Invalid: `incident-invalid`, `yaml-…`.
    """
    held = Fields.of(yaml.parse(content.encode(), path), _wrong)
    held.only(*_FIELDS, "tries")
    place = Place(held.name("tenant"), held.name("stage"), held.name("service"))
    found = Incident(
        place,
        held.text("change"),
        held.text("image", ""),
        cast("Cause", _one_of(held, "cause", get_args(Cause))),
        held.text("told"),
        held.text("by"),
        _moment(held, "began"),
        cast("State", _one_of(held, "state", get_args(State))),
        _moment(held, "ended") if "ended" in held.held else None,
        held.text("why", ""),
        tuple(_try(one) for one in held.maps("tries")),
    )
    if found.path != path:
        raise held.wrong("", f"it is about {place} and {visible(cut(found.change, 60))}", "Move it where it belongs.")
    return found


def _try(held: Fields) -> Try:
    held.only(*_TRY)
    return Try(_moment(held, "at"), held.text("back_to"), held.text("image"), held.text("said", ""))


def _one_of(held: Fields, name: str, known: tuple[str, ...]) -> str:
    found = held.text(name)
    if found not in known:
        raise held.wrong(name, f"{name} is none that is known", f"Known are {', '.join(known)}.")
    return found


def _moment(held: Fields, name: str) -> datetime:
    try:
        return clock.parse_rfc3339(held.text(name, as_in='"2026-12-01T08:00:00.000Z"'))
    except ValueError:
        raise held.wrong(name, f"{name} is no moment", 'Write it as "2026-12-01T08:00:00.000Z".') from None


def _wrong(at: Position, what: str, step: str) -> Invalid:
    return Invalid("incident-invalid", f"the incident cannot be read: {what}", next_step=step, at=at)
