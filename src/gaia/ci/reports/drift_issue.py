"""What an issue says of drift: each cause once, and where it shows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.ci.hosts.host import LONGEST_COMMENT, length
from gaia.kit.markdown import code, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.operations.drift.model import Attribute, Finding, Report, Scan

MARKER = "gaia:drift"
_ROOM = LONGEST_COMMENT - 2_000
_MOST = 8
"""Places and attributes of one cause, of which an issue shows no more."""
_BACK = {
    "create": "an apply makes it again",
    "update": "an apply changes it back",
    "replace": "**an apply replaces it**",
    "delete": "**an apply deletes it**",
}


def drift_issue(report: Report, redact: Callable[[str], str]) -> tuple[str, str]:
    """Title and text; the text is empty where nothing has drifted and every instance could be looked at.

    What loses data comes first, and what does not fit is counted.
    """
    shown = sorted((one for one in report.findings if one.counts), key=lambda one: not one.loses)
    unchecked = [one for one in report.scans if one.status == "not checked"]
    if not shown and not unchecked:
        return "Drift", ""
    title = f"Drift: {_count(report.counts['drift'], 'instance')}" if shown else "Drift: not every instance was checked"
    number = report.counts["drift"]
    of_all, be = _count(len(report.scans), "instance"), "is" if number == 1 else "are"
    lines = [f"Of {of_all}, {number} {be} not as the stacks say. Nothing was changed."]
    parts = [*(_finding(one) for one in shown), *(_unchecked(one) for one in unchecked)]
    room = _ROOM - length(lines[0])
    for place, part in enumerate(parts):
        text = redact("\n".join(part))
        room -= length(text) + 2
        if room < 0:
            lines += ["", f"… and {len(parts) - place} more, in the job's log."]
            break
        lines += ["", text]
    return title, "\n".join(lines) + "\n"


def _finding(one: Finding) -> list[str]:
    back = f"; {_BACK[one.repair]}" if one.repair else ""
    lines = [f"### {escaped(one.title)}", "", f"{escaped(one.kind)}{back}"]
    if one.reason:
        lines.append(f"\n{escaped(one.reason)}")
    if one.loses:
        lines.append(f"\nLoses what is in {', '.join(code(each) for each in one.loses[:_MOST])}.")
    lines += ["", *_few([_attribute(each) for each in one.attributes])]
    places = [f"* in {code(each.instance)}" + (f" {code(each.address)}" if each.address else "") for each in one.places]
    return [*lines, *_few(places)]


def _attribute(one: Attribute) -> str:
    before = f"{code(one.before)} → " if one.before else ""
    return f"* {code(one.path)}: {before}{code(one.after)}" if one.after else f"* {code(one.path)} {before}"


def _unchecked(one: Scan) -> list[str]:
    step = f" {escaped(one.next_step)}" if one.next_step else ""
    return [f"### {escaped(one.instance)} was not checked", "", f"{escaped(one.reason)}.{step}"]


def _few(lines: list[str]) -> Iterator[str]:
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        yield f"* … and {len(lines) - _MOST} more"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
