"""A guard of a release for a door: what it works with, and whom it calls."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.bootstrap.releases import as_it_is_now, check_watchable, judged, operator, released, releases
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gaia.bootstrap.app import App
    from gaia.gitops.incidents import Incident
    from gaia.gitops.model import Place, Release
    from gaia.gitops.releasing import Releases
    from gaia.gitops.rollout.guarding import Guarded
    from gaia.gitops.rollout.healing import Guard, Terms
    from gaia.notifications.model import Destination, EventView, Outcome
    from gaia.records.webhook_model import WebhookKind
    from gaia.settings import Settings

_LARGEST = 1 << 16
"""Bytes of a file of destinations, or of a token."""
_TRIES = 3
_PAUSE = 2.0
_TYPES = {"over": "release.taken-back", "overtaken": "release.overtaken", "parked": "release.parked"}


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who is told."""

    kind: WebhookKind
    destination: Destination


@contextmanager
def guard(
    app: App, gitops: str, place: Place, terms: Terms, *, alerts: str = "", policies: Path | None = None
) -> Iterator[tuple[Guard, tuple[str, ...]]]:
    """A guard, and what people should know before it looks on: where it takes alerts, and what it cannot do.

    Raises:
        Invalid: `cluster-unset`, `cluster-file`, `page-invalid`, `guard-file`, `alerts-…`. Unavailable:
            `alerts-port-unusable`. As `releases`.
    """
    from gaia.gitops.rollout.alerted import Alerts, listening
    from gaia.gitops.rollout.healing import Guard, Means

    settings = app.settings
    check_watchable(settings)
    people = pages(settings)
    token = _token(settings) if alerts else ""
    opened = releases(app, gitops)
    taking = Alerts(place) if alerts else None
    means = Means(
        now=lambda: as_it_is_now(opened),
        released=lambda found: released(found, place),
        guarded=lambda found, commit, image: _guarded(settings, found, place, commit, image),
        judge=lambda found, release: judged(app, release, found, policies),
        tell=lambda incident: tell(settings, people, incident),
        who=operator(),
        alerts=taking,
    )
    made, notes = Guard(place, means, terms), _notes(_readable(opened, place), people)
    if taking is None:
        yield made, notes
        return
    with listening(alerts, token, taking) as url:
        yield made, (f"Alertmanager may send alerts to {url}.", *notes)


def _notes(release: Release | None, people: tuple[Told, ...]) -> tuple[str, ...]:
    found = []
    if release and release.one_way:
        found.append(f"It cannot be taken back: {release.one_way}. Where it is not well, people are called at once.")
    if not people:
        found.append("Nobody is called where taking it back does not help: GAIA_PAGE_FILE is not set.")
    return tuple(found)


def _guarded(settings: Settings, found: Releases, place: Place, commit: str, image: str) -> Guarded:
    from gaia.gitops.rollout import smoke
    from gaia.gitops.rollout.guarding import Guarded
    from gaia.gitops.rollout.places import clusters
    from gaia.gitops.rollout.revisions import Revisions
    from gaia.gitops.rollout.watching import Watch

    watch = Watch(clusters(settings.environ, settings.cwd), place, commit, image)
    release = _readable(found, place)

    def check() -> None:
        if release and release.smoke:
            smoke.check(place, release.smoke)

    return Guarded(watch, Revisions(found.repository, place, commit).carried, check)


def _readable(found: Releases, place: Place) -> Release | None:
    try:
        return found.there(place)
    except Invalid:
        return None  # it was released, and has no smoke test that anybody could read


def pages(settings: Settings) -> tuple[Told, ...]:
    """Whom `GAIA_PAGE_FILE` names; nobody where it is not set.

    Raises:
        Invalid: `page-invalid`, `guard-file`. As `gaia.notifications.destinations.read`.
    """
    name = settings.environ.get("GAIA_PAGE_FILE")
    if not name:
        return ()
    lines = _text(settings, name, "GAIA_PAGE_FILE").splitlines()
    return tuple(_told(settings, line.split()) for line in lines if line.strip() and not line.startswith("#"))


def _told(settings: Settings, words: list[str]) -> Told:
    from gaia.notifications import destinations
    from gaia.notifications.outlets import Outlets
    from gaia.notifications.signing import is_secret

    kind, target, *secret = (*words, "", "")[: max(len(words), 2)]
    outlets = Outlets(settings.environ)
    if kind == "webhook" and len(secret) == 1 and is_secret(secret[0]):
        destination, _ = destinations.read("webhook", target, outlets)
        return Told("webhook", replace(destination, secret=secret[0]))
    if target and not secret and kind == "email":
        return Told("email", destinations.read("email", target, outlets)[0])
    if target and not secret and kind == "slack":
        return Told("slack", destinations.read("slack", target, outlets)[0])
    raise Invalid(
        "page-invalid",
        "a line of the file that GAIA_PAGE_FILE names says nobody who could be called",
        next_step="Write `email ann@example.com`, `slack URL`, or `webhook URL whsec_SECRET`, each in a line.",
    )


def tell(
    settings: Settings, people: tuple[Told, ...], incident: Incident, pause: Callable[[float], object] | None = None
) -> str:
    """Tell all of an incident's end; who could not be told and why, or nothing."""
    import time

    from gaia.notifications.outlets import Outlets
    from gaia.notifications.sending import sender

    send, event = sender(Outlets(settings.environ)), _event(incident)
    untold = []
    for number, one in enumerate(people):
        outcome: Outcome | None = None
        for tried in range(_TRIES):
            if tried:
                (pause or time.sleep)(_PAUSE * tried)
            outcome = send(one.kind, one.destination, f"{event.id}-{number}", event)
            if outcome.taken or outcome.hopeless or outcome.gone:
                break
        if outcome and not outcome.taken:
            untold.append(f"{one.kind}: {outcome.error}")
    return "; ".join(untold) if people else "nobody is named in GAIA_PAGE_FILE"


def _event(incident: Incident) -> EventView:
    from gaia.kit import clock
    from gaia.notifications.model import PREFIX, EventData, EventView

    place = incident.place
    said = {"cause": incident.cause, "told": incident.told, "commit": incident.change, "why": incident.why}
    return EventView(
        specversion="1.0",
        id=f"{incident.change[:12]}-{incident.state}",
        source="urn:gaia:gitops",
        type=PREFIX + _TYPES[incident.state],
        time=clock.rfc3339(incident.ended or incident.began),
        subject=f"{place.tenant}/{place.stage}/{place.service}",
        datacontenttype="application/json",
        seq=0,
        data=EventData(
            actor=incident.by,
            repository="gitops",
            tenant=place.tenant,
            stage=place.stage,
            service=None,
            stack=None,
            url=None,
            facts={name: value for name, value in said.items() if value},
        ),
    )


def _token(settings: Settings) -> str:
    name = settings.environ.get("GAIA_ALERTS_TOKEN_FILE")
    if not name:
        raise Invalid(
            "alerts-token-unset",
            "whoever reaches the address could have a release taken back: there is no token that alerts have to show",
            next_step="Set GAIA_ALERTS_TOKEN_FILE to a file with one, and give it to Alertmanager as its credentials.",
        )
    return _text(settings, name, "GAIA_ALERTS_TOKEN_FILE").strip()


def _text(settings: Settings, name: str, setting: str) -> str:
    from gaia.kit.files import read_regular

    try:
        return read_regular(settings.cwd / name, _LARGEST).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Invalid(
            "guard-file",
            f"the file that {setting} names cannot be read: {why}",
            next_step="Check that it is there, and its rights.",
        ) from error
