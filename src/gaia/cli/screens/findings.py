"""What validation found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.next_step import told
from gaia.cli.screens.format import count
from gaia.cli.screens.tables import signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.stacks.validation.findings import Finding, Report

_PLACES = 3
"""Of equal mistakes, so many places are shown."""
_SIGNS = {"error": ("✗", "bad"), "warning": ("!", "warn")}


def report_screen(report: Report) -> list[RenderableType]:
    """Mistakes, warnings, and the tally."""
    looked_at = count(report.files, "file")
    looked_at += "" if report.stacks is None else f", {count(report.stacks, 'stack')}"
    warnings = f", {count(len(report.warnings), 'warning')}" if report.warnings else ""
    if report.errors:
        end = Text.assemble((count(len(report.errors), "mistake"), "bad"), f"{warnings} in {looked_at}.")
    else:
        end = Text.assemble(("✓ ", "good"), f"Valid: {looked_at}{warnings}.")
    return [*findings_screen(report.findings), end]


def component_screen(what: str, checks: Sequence[str], findings: Sequence[Finding]) -> list[RenderableType]:
    """What the rules of one instance say."""
    if findings:
        return [*findings_screen(findings), Text(f"{what}: {count(len(findings), 'mistake')}.", "bad")]
    if not checks:
        return [Text(f"{what} has no rules in settings.validation.", "quiet")]
    return [Text.assemble(("✓ ", "good"), f"{what} is valid by {', '.join(checks)}.")]


def findings_screen(findings: Sequence[Finding]) -> list[RenderableType]:
    """Each finding: its message, its places so that they can be clicked on, and the next step; equal ones together."""
    if not findings:
        return []
    alike: dict[object, list[Finding]] = {}
    for each in findings:
        alike.setdefault((each.severity, each.code, each.message, each.next_step), []).append(each)
    lines = []
    for same in alike.values():
        first, times = same[0], sum(each.times for each in same)
        text = Text.assemble(first.message, (f"  [{first.code}]", "quiet"), f"  {times} times" if times > 1 else "")
        places = dict.fromkeys(str(each.at) for each in same if each.at)
        for place in list(places)[:_PLACES]:
            text.append(f"\nat {place}", "name")
        if len(places) > _PLACES:
            text.append(f"\nand {len(places) - _PLACES} more places (--output json shows all)", "quiet")
        text.append(f"\n→ {told(first.next_step)}", "quiet")
        sign, style = _SIGNS[first.severity]
        lines.append((sign, style, text))
    return [signed(lines), Text("")]
