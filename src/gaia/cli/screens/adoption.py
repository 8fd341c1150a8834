"""What `gaia adopt --check` found: what stands in the way first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.next_step import told
from gaia.cli.screens.format import count
from gaia.cli.screens.tables import Column, Rows, signed
from gaia.states.survey import gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from gaia.adoption.check import Checked, CheckReport
    from gaia.adoption.coverage import Coverage

_SIGNS = {
    "refused": ("✗", "bad"),
    "differs": ("!", "warn"),
    "drifts": ("!", "warn"),
    "no state": ("○", "quiet"),
    "empty": ("✓", "good"),
}
_WORDS = {
    "refused": "refused",
    "differs": "a plan would change something",
    "drifts": "changed outside of terraform",
    "no state": "no state",
    "empty": "the plan is empty",
}
_SHOWN = 8
"""Differences of one instance, and unclaimed states; the rest is a number."""


def check_screen(report: CheckReport) -> list[RenderableType]:
    """What is wrong with which instance, then the counts."""
    wrong = [one for status in ("refused", "differs", "drifts") for one in report.instances if one.status == status]
    screen: list[RenderableType] = [signed([(*_SIGNS[one.status], _about(one))]) for one in wrong]
    if report.unclaimed:
        shown = report.unclaimed[:_SHOWN]
        lines = [Text.assemble("a state that no instance claims: ", (place, "name")) for place in shown]
        if len(report.unclaimed) > _SHOWN:
            lines.append(Text(f"and {len(report.unclaimed) - _SHOWN} more such states"))
        screen.append(signed([("?", "quiet", line) for line in lines]))
    if overlooked := gaps(report.unread, report.unlisted):
        screen.append(signed([("!", "warn", Text(line)) for line in overlooked]))
    return [*screen, *([Text("")] if screen else []), signed(list(_tally(report)))]


def _about(one: Checked) -> Text:
    text = Text.assemble((str(one.key), "name"), ("  " + one.status, "quiet"))
    if one.reason:
        text.append(f"\n{one.reason}")
    if one.next_step:
        text.append(f"\n{told(one.next_step)}", "quiet")
    for difference in one.differences[:_SHOWN]:
        names = ", ".join(difference.attributes)
        text.append(f"\n{difference.action} {difference.address}" + (f": {names}" if names else ""))
    if len(one.differences) > _SHOWN:
        text.append(f"\nand {len(one.differences) - _SHOWN} more", "quiet")
    return text


def _tally(report: CheckReport) -> Iterator[tuple[str, str, Text]]:
    for status, number in report.counts.items():
        if number:
            text = Text(f"{count(number, 'instance')}: {_WORDS[status]}")
            if status == "empty":
                resources = sum(
                    len(one.state.resources) for one in report.instances if one.state and one.status == status
                )
                text.append(f", with {count(resources, 'resource')}", "quiet")
            yield (*_SIGNS[status], text)
    if report.left_out:
        yield (
            "○",
            "quiet",
            Text(f"{count(report.left_out, 'instance')}: abstract, disabled, or not terraform's", "quiet"),
        )
    at = f"{report.root} at {report.commit[:12] or 'no commit'}"
    more = f", {count(report.uncommitted, 'uncommitted file')}" if report.uncommitted else ""
    yield " ", "", Text(f"{at}{more}; {count(report.plans, 'plan')} of terraform; nothing was changed", "quiet")


_STANDING = {
    "managed": ("✓", "good"),
    "importable": ("+", "warn"),
    "not importable": ("○", "quiet"),
    "made by the provider": ("○", "quiet"),
}


def coverage_screen(found: Coverage, unread: Sequence[str]) -> list[RenderableType]:
    """What no state has, then how much stands how."""
    rows = [
        (
            Text(one.standing, _STANDING[one.standing][1]),
            Text(one.thing.type),
            Text(one.thing.id, "name"),
            Text(one.why),
        )
        for one in found.things
        if one.standing in ("importable", "not importable")
    ]
    screen: list[RenderableType] = []
    if rows:
        screen += [Rows((Column(), Column(), Column(), Column(style="quiet", flows=True)), rows), Text("")]
    lines = [(*_STANDING[name], Text(f"{number} {name}")) for name, number in found.counts.items()]
    lines += [("!", "warn", Text(f"not known: {why}")) for why in found.silent]
    if unread:
        text = f"{count(len(unread), 'state')} not read, so what is in them counts as importable: {', '.join(unread)}"
        lines.append(("!", "warn", Text(text)))
    screen.append(signed(lines))
    return [*screen, Text(f"Looked at {', '.join(found.regions)}.", "quiet")]
