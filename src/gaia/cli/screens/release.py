"""What a release changes, what came of it, and what is released where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.tables import Column, Rows
from gaia.kit.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.gitops.incidents import Incident
    from gaia.gitops.releasing import Commit, Made
    from gaia.gitops.rollout.model import Progress
    from gaia.gitops.standing import Standing

_STYLES = {"+": "good", "-": "bad", "@": "quiet"}
_STATES = {
    "current": ("✓", "good", ""),
    "stale": ("!", "warn", "its files are not what its release.yaml says"),
    "broken": ("✗", "bad", ""),
}
_ENDS = {"open": ("…", "quiet"), "over": ("✓", "good"), "overtaken": ("!", "warn"), "parked": ("✗", "bad")}
_DIGEST = len("sha256:") + 12


def change_screen(change: Commit) -> list[RenderableType]:
    """Its title, and the differences."""
    if change.is_empty:
        return [Text.assemble(("✓ ", "good"), f"{change.title}: there is nothing to do, all of it is there.")]
    lines = change.difference.splitlines()
    told = [Text(one, "" if one.startswith(("+++", "---")) else _STYLES.get(one[:1], "")) for one in lines]
    noted = [Text(one, "warn") for one in change.notes]
    return [Text(change.title, "bold"), *noted, Text(""), *told]


def made_screen(change: Commit, made: Made) -> list[RenderableType]:
    """The commit."""
    screen: list[RenderableType] = [Text.assemble(("✓ ", "good"), f"{change.title}, commit {made.commit[:12]}")]
    screen += [Text(one, "warn") for one in change.notes]
    if not made.in_tree:
        screen.append(Text("It is pushed; your clone does not have it yet, because its files have changed.", "warn"))
    return screen


def progress_line(one: Progress) -> Text:
    """How far it is, and why no further."""
    sign, style = {"deployed": ("✓", "good"), "failed": ("✗", "bad"), "overtaken": ("!", "warn")}.get(
        one.state, ("…", "quiet")
    )
    why = f"; {one.why}" if one.why and one.why not in one.told else ""
    return Text.assemble((f"{sign} ", style), f"{one.place}: {one.told}{why}")


def standings_screen(found: Sequence[Standing]) -> list[RenderableType]:
    """A line each."""
    if not found:
        return [Text("Nothing is released.", "quiet")]
    columns = (
        Column(gap=1),
        Column("service", "name"),
        Column("tenant"),
        Column("stage"),
        Column("image"),
        Column("released"),
        Column(flows=True),
    )
    rows = []
    for one in found:
        sign, style, said = _STATES[one.state]
        image = (one.image or "").rpartition("@")[2][:_DIGEST] or "unknown"
        released = f"{one.at[:10]} {(one.commit or '')[:12]}" if one.at else "unknown"
        told = [one.why or said]
        if one.lock:
            told.append(f"locked by {one.lock.who} at {rfc3339(one.lock.since)[:16]}Z: {one.lock.why}")
        told_of = "; ".join(filter(None, told))
        rows.append((Text(sign, style), one.service, one.tenant, one.stage, image, released, told_of))
    return [Rows(columns, rows)]


def incident_line(one: Incident) -> Text:
    """What was not well, and what was done."""
    sign, style = _ENDS[one.state]
    return Text.assemble((f"{sign} ", style), f"{one.place}: {one.told}; {_done(one)}")


def incidents_screen(found: Sequence[Incident]) -> list[RenderableType]:
    """A line each, the newest first."""
    if not found:
        return [Text("No release was taken back by itself.", "quiet")]
    columns = (
        Column(gap=1),
        Column("began"),
        Column("service", "name"),
        Column("tenant"),
        Column("stage"),
        Column("release"),
        Column("cause"),
        Column(flows=True),
    )
    rows = []
    for one in found:
        sign, style = _ENDS[one.state]
        place, began = one.place, f"{rfc3339(one.began)[:16]}Z"
        said = f"{one.told}; {_done(one)}"
        rows.append(
            (Text(sign, style), began, place.service, place.tenant, place.stage, one.change[:12], one.cause, said)
        )
    return [Rows(columns, rows)]


def _done(one: Incident) -> str:
    back = one.tries[-1].image.rpartition("@")[2][:_DIGEST] if one.tries else ""
    told = {
        "open": f"{back} is brought back" if back else "nothing is done yet",
        "over": f"{back} was brought back, and runs",
        "overtaken": "something else was released",
        "parked": "somebody has to look at it",
    }[one.state]
    return f"{told}: {one.why}" if one.why else told
