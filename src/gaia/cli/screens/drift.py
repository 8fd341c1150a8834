"""What is not as the stacks say: each cause once, with where it shows and what may be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.next_step import told
from gaia.cli.screens.format import count, few_names
from gaia.cli.screens.preview import plan_screen
from gaia.cli.screens.tables import signed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from gaia.operations.drift.model import Attribute, Finding, Kind, Report, Scan
    from gaia.platform.views.direct_model import PlanView

_SIGNS = {
    "changed outside": ("~", "warn"),
    "gone": ("✗", "bad"),
    "read from elsewhere": ("→", "warn"),
    "not applied": ("+", "warn"),
    "undecided": ("?", "warn"),
    "ignore rule": ("!", "warn"),
    "provider's own": ("○", "quiet"),
}
_STATUS = {"in sync": ("✓", "good"), "drift": ("~", "warn"), "not checked": ("✗", "bad")}
_BACK = {
    "create": "an apply makes it again",
    "update": "an apply changes it back",
    "replace": "an apply replaces it",
    "delete": "an apply deletes it",
}
_SHOWN = 6
"""Places, attributes and readers of one finding; `--full` shows all."""


def drift_screen(report: Report, *, full: bool = False, brief: bool = False) -> list[RenderableType]:
    """Each cause, then each instance, then the counts. `brief`: only those that were not checked, and the counts."""
    if not report.scans:
        return [Text("There is no instance to look at.", "quiet")]
    if brief:
        return [*_instances(one for one in report.scans if one.status == "not checked"), _counts(report)]
    return [*findings_screen(report.findings, full=full), *_instances(report.scans), _counts(report)]


def findings_screen(findings: Sequence[Finding], *, full: bool = False) -> list[RenderableType]:
    """Each cause; then, in brief, what needs nobody."""
    shown = [one for one in findings if one.counts]
    quiet = [one for one in findings if not one.counts]
    screen: list[RenderableType] = []
    if shown:
        screen += [signed([(*_SIGNS[one.kind], _about(one, full=full)) for one in shown]), Text("")]
    if quiet:
        lines = [("○", "quiet", _about(one, full=full) if full else _in_brief(one)) for one in quiet]
        screen += [signed(lines), Text("")]
    return screen


def _instances(scans: Iterable[Scan]) -> Iterator[RenderableType]:
    """A row each; what stopped several in the same words is said once."""
    alike: dict[tuple[str, ...], list[Scan]] = {}
    for one in scans:
        key = (one.reason, one.next_step) if one.status == "not checked" else (one.instance,)
        alike.setdefault(key, []).append(one)
    if alike:
        yield signed([(*_STATUS[these[0].status], _scanned(these)) for these in alike.values()])


def _counts(report: Report) -> Text:
    tally = ", ".join(f"{number} {status}" for status, number in report.counts.items() if number)
    return Text(f"{count(len(report.scans), 'instance')}: {tally}. Nothing was changed.", "quiet")


def accepting_screen(view: PlanView, scan: Scan, *, full: bool = False) -> list[RenderableType]:
    """What goes into the state, and what an apply would still do about it."""
    lines = [Text("This goes into the state alone; nothing that exists is changed.", "quiet")]
    back = [one for one in scan.findings if one.repair]
    screen: list[RenderableType] = [*plan_screen(view, full=full), *lines]
    if back:
        text = "An apply would still put it back, until the code says the same:"
        screen += [Text(text, "warn"), signed([("~", "warn", _heading(one)) for one in back], indent=2)]
    return screen


def both_ways_screen(scan: Scan, lost: Sequence[str]) -> list[RenderableType]:
    """Accept or revert, each with what comes of it."""
    revert = Text.assemble(("revert", "name"), "  puts it back as the code says, and loses what is in:")
    for address in lost:
        revert.append(f"\n{address}", "bad")
    accept = Text.assemble(("accept", "name"), "  keeps what exists and writes it into the state.")
    names = sorted({one.path for finding in scan.findings if finding.loses for one in finding.attributes})
    accept.append("\nUntil the code says the same, every apply would replace it")
    accept.append(f": change {', '.join(names[:_SHOWN])}" if names else "", "quiet")
    return [
        Text("Putting this back would lose data. There are two ways, and neither is taken by itself:", "warn"),
        signed([("○", "quiet", accept), ("✗", "bad", revert)], indent=2),
    ]


def _heading(one: Finding) -> Text:
    text = Text.assemble((one.title, "name"), f"  {one.kind}")
    if one.repair:
        text.append(f"; {_BACK[one.repair]}", "bad" if one.loses else "quiet")
    return text


def _in_brief(one: Finding) -> Text:
    """What needs nobody, in a line."""
    why = "let be" if one.ignored else one.kind
    names = ", ".join(attribute.path for attribute in one.attributes[:_SHOWN])
    return Text.assemble((one.title, "name"), (f"  {why}: {names}, in {_places(one)}", "quiet"))


def _places(one: Finding) -> str:
    return count(len({place.instance for place in one.places}), "instance")


def _about(one: Finding, *, full: bool) -> Text:
    text = _heading(one)
    text.append(f"\n{one.reason}" if one.reason else "")
    text.append(f"\nloses what is in {', '.join(one.loses)}" if one.loses else "", "bad")
    for line in _few([_attribute(each, one.kind) for each in one.attributes], full=full):
        text.append("\n").append_text(line)
    lines = []
    for place in one.places:
        line = Text.assemble(("in ", "quiet"), (place.instance, "name"), f" {place.address}" if place.address else "")
        more = ("", "; reads it", "; follows")[("changed", "reads", "follows").index(place.role)]
        line.append(f"{more}{f'; {place.would}' if place.would else ''}", "quiet")
        lines.append(line)
    for line in _few(lines, full=full):
        text.append("\n").append_text(line)
    return text


def _attribute(one: Attribute, kind: Kind) -> Text:
    text = Text.assemble(one.path, "  ", (one.before, "quiet"), " → " if one.before else "", one.after)
    if one.read_by:
        text.append(f"   read by {', '.join(one.read_by[:_SHOWN])}", "quiet")
    elif one.relevant:
        text.append("   what is planned depends on it", "quiet")
    if one.ignored:
        text.append(f"   let be: {one.ignored}", "quiet")
    elif kind == "changed outside" and not one.put_back:
        text.append("   no apply puts it back", "quiet")
    return text


def _few(lines: Iterable[Text], *, full: bool) -> Iterator[Text]:
    everything = list(lines)
    yield from everything if full else everything[:_SHOWN]
    if not full and len(everything) > _SHOWN:
        yield Text(f"and {len(everything) - _SHOWN} more; --full shows them", "quiet")


def _scanned(these: Sequence[Scan]) -> Text:
    one, names = these[0], [scan.instance for scan in these]
    number = sum(each.counts for each in one.findings)
    text = Text.assemble((", ".join(few_names(names)), "name"), f"  {one.status}")
    if number:
        text.append(f"   {count(number, 'cause')}", "quiet")
    text.append(f"\n{one.reason}" if one.reason else "")
    text.append(f"\n{told(one.next_step)}" if one.next_step else "", "quiet")
    return text
