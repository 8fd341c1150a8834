"""Looks of the platform at instances, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.drift import findings_screen
from gaia.cli.screens.format import ago, count, day
from gaia.cli.screens.tables import Column, Rows
from gaia.operations.drift.model import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import RenderableType

    from gaia.platform.drift.views import DriftView, InstanceDriftView
    from gaia.records.drift_model import DriftResult

_STATES: dict[DriftResult, tuple[str, str]] = {
    "clean": ("✓", "good"),
    "drifted": ("~", "warn"),
    "not-checked": ("✗", "bad"),
    "gone": ("○", "quiet"),
}


def looks_screen(found: Sequence[DriftView], now: datetime) -> list[RenderableType]:
    """A line for each instance."""
    if not found:
        return [Text("Nothing was found so. Engines look at what Gaia applied, each instance in its time.", "quiet")]
    columns = [Column(title, "name" if title == "instance" else "", gap=2) for title in _TITLES]
    rows = [(one.instance, _state(one), ago(one.since, now), ago(one.looked_at, now)) for one in found]
    return [Rows(columns, rows)]


_TITLES = ("instance", "state", "since", "looked at")


def instance_screen(view: InstanceDriftView, now: datetime, *, full: bool = False) -> list[RenderableType]:
    """One instance: how it is, what was found, the looks before, and when the next one comes."""
    newest = view.newest
    first = Text.assemble((view.instance, "title"), "   ")
    first.append_text(_state(newest) if newest else Text("○ not looked at yet", "quiet"))
    screen: list[RenderableType] = [first]
    if newest:
        said = f"since {ago(newest.since, now)}; looked at {ago(newest.looked_at, now)}"
        screen.append(Text(f"{said} at {newest.commit[:12]}" if newest.commit else said, "quiet"))
    if newest and newest.reason:
        screen.append(Text(newest.reason, _STATES[newest.state][1]))
    screen.append(Text(""))
    if view.findings:
        screen += findings_screen([Finding.read(one) for one in view.findings], full=full)
    elif not view.findings_kept:
        screen += [Text("What was found is not kept any more.", "quiet"), Text("")]
    if len(view.looks) > 1:
        lines = [
            Text.assemble((f"  {day(one.looked_at)}  ", "quiet"), _state(one), (f"  {one.run or ''}", "quiet"))
            for one in view.looks
        ]
        screen += [*lines, Text("")]
    return [*screen, _next(view, now)]


def _next(view: InstanceDriftView, now: datetime) -> Text:
    if view.looking:
        return Text(f"It is being looked at: {view.looking.id}.", "quiet")
    if view.every is None or view.next_at is None:
        return Text("It is looked at only when somebody asks for it.", "quiet")
    return Text(f"It is looked at every {view.every}, next {ago(view.next_at, now)}.", "quiet")


def _state(one: DriftView) -> Text:
    sign, style = _STATES[one.state]
    more = f", {count(one.causes, 'cause')}" if one.causes else f" ({one.code})" if one.code else ""
    return Text(f"{sign} {one.state}{more}", style)
