"""A preview the way people read it: changes, cost, findings, what is decided later, and what an approver signs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from gaia.cli.screens.attributes import identity, lines
from gaia.cli.screens.cost import cost_screen
from gaia.cli.screens.format import count, day
from gaia.cli.screens.palette import SIGNS
from gaia.cli.screens.tables import Column, Rows, signed
from gaia.cli.screens.target import all_of, where
from gaia.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

    from gaia.platform.model import Change, PreviewView, RequestView
    from gaia.platform.views.direct_model import PlanView

_SHOWN = 7
"""Attributes of a resource that are shown without `--full`; more where more of them matter."""
_FEW = 3
"""Changes that are all seen at once."""
_REASONS = {
    "replace_because_tainted": "it is tainted",
    "replace_by_request": "somebody asked for it",
    "replace_by_triggers": "its replace_triggered_by says so",
}
"""Terraform's words for a replacement that no attribute forces."""
_LONGEST = 160
"""Characters of a value that are shown without `--full`."""
_INDENT = 8
_NAMES = 26
"""Columns of the attributes' names, so that values stand below each other in most previews."""
_VERBS = (
    ("create", "to create"),
    ("update", "to change"),
    ("replace", "to replace"),
    ("delete", "to destroy"),
    ("forget", "to forget"),
    ("import", "to import"),
    ("move", "to move"),
)
_SEVERITIES = ("critical", "high", "medium", "low")
_EFFECTS: Mapping[str, tuple[str, str]] = {
    "deny": ("✗", "bad"),
    "waived": ("~", "warn"),
    "warn": ("!", "warn"),
    "undecided": ("?", "busy"),
}


def preview_screen(view: RequestView, *, full: bool = False) -> list[RenderableType]:
    """Everything about the preview of a request; empty when there is none yet."""
    preview = view.preview
    if preview is None:
        return []
    parts: list[RenderableType] = [heading("Changes", in_short(preview))]
    if preview.targets:
        parts.append(Text(f"  in {all_of(preview.targets)}"))
    parts += replacements(preview.changes)
    parts += [_instance(name, _of(preview.changes, name), full=full) for name in _order(view, preview)]
    for name, reason in preview.alone:
        why = Text.assemble((name, "name"), f" was previewed alone: {reason}")
        parts += [signed([("!", "warn", why)], indent=2, gap=1), Text("")]
    parts += cost_screen(preview.cost, full=full)
    parts += _findings(preview.findings)
    parts += _signature(preview)
    return parts


def in_short(preview: PreviewView) -> str:
    """How many changes it has of each kind, where they are still kept."""
    return summary(preview.changes) if preview.kept else "no longer kept"


def plan_screen(view: PlanView, *, full: bool = False) -> list[RenderableType]:
    """The plan of one instance."""
    place = f"  {_where(view)}as {view.caller}"
    if not view.changes and not view.outputs:
        return [
            Text.assemble(("✓ ", "good"), (view.instance, "name"), " is as the repository says: nothing to change."),
            Text(place, "quiet"),
        ]
    if not view.changes:
        return [heading("Changes", f"only outputs: {', '.join(view.outputs)}"), Text(place)]
    head = [heading("Changes", summary(view.changes)), Text(place), *replacements(view.changes)]
    return [*head, _instance(view.instance, view.changes, full=full)]


def _where(view: PlanView) -> str:
    return f"in {where(view.target)}, " if view.target.said else ""


def heading(title: str, aside: str = "") -> RenderableType:
    """A section's title with a remark beside it."""
    return Text.assemble((title, "title"), ("   " + aside if aside else "", "quiet"))


def summary(changes: Sequence[Change]) -> str:
    """`5 to create, 1 to change`."""
    tally: Counter[str] = Counter(change.action for change in changes)
    return ", ".join(f"{tally[action]} {verb}" for action, verb in _VERBS if tally[action]) or "nothing to change"


def _of(changes: Iterable[Change], instance: str) -> list[Change]:
    return [change for change in changes if change.instance == instance]


def _order(view: RequestView, preview: PreviewView) -> list[str]:
    touched = dict.fromkeys([*view.instances, *(change.instance for change in preview.changes)])
    return [name for name in touched if any(change.instance == name for change in preview.changes)]


def _instance(name: str, changes: Sequence[Change], *, full: bool) -> RenderableType:
    stack, _, component = name.partition("/")
    parts: list[RenderableType] = [
        Text.assemble("  ", (component or name, "name"), (f"   {stack}" if component else "", "quiet"))
    ]
    for change in changes:
        parts += _resource(change, full=full)
    return Group(*parts, Text(""))


def replacements(changes: Sequence[Change]) -> list[RenderableType]:
    """Those of a long preview again at its head: nobody should have to look for what is destroyed and made anew."""
    if len(changes) <= _FEW or not (found := [change for change in changes if change.action == "replace"]):
        return []
    rows = [(Text(SIGNS["replace"]), f"{one.instance} {one.address} {_why_replaced(one)}") for one in found]
    return [Rows((Column(style="bad", gap=1), Column(style="bad", flows=True)), rows, indent=2), Text("")]


def _why_replaced(change: Change) -> str:
    names = ", ".join(change.forced_by)
    force = "force" if len(change.forced_by) > 1 else "forces"
    why = f"{names} {force} it" if names else _REASONS.get(change.reason, "")
    return "must be replaced" + (f": {why}" if why else "")


def _resource(change: Change, *, full: bool) -> list[RenderableType]:
    found = lines(change, None if full else _LONGEST)
    label = Text("" if found else identity(change), "quiet")
    if change.action == "replace":
        label = Text(_why_replaced(change), "bad")
    sign = (Text(SIGNS[change.action]), Text(change.address, change.action), label)
    title = Rows((Column(style=change.action, gap=1), Column(), Column(flows=True)), [sign], indent=4)
    last = found[-1:] if found and found[-1].name == UNKNOWN else ()
    known = found[: len(found) - len(last)]
    least = max(_SHOWN, sum(line.matters for line in known))  # they stand first
    shown = found if full else (*known[:least], *last)
    if not shown:
        return [title]
    rows: list[tuple[Text, Text]] = []
    for line in shown:
        if line is shown[-1] and len(found) > len(shown) and last:
            rows.append(_more(len(found) - len(shown)))
        text = Text(line.text, "bad" if line.forces else "unknown" if line.unknown else "")
        rows.append((Text(line.name, "quiet"), text.append("   forces replacement") if line.forces else text))
    if len(found) > len(shown) and not last:
        rows.append(_more(len(found) - len(shown)))
    return [title, Rows((Column(gap=2, least=_NAMES), Column(flows=True)), rows, indent=_INDENT)]


def _more(number: int) -> tuple[Text, Text]:
    return Text(f"and {number} more", "quiet"), Text("--full shows them", "quiet")


def _findings(findings: Sequence[Mapping[str, object]]) -> list[RenderableType]:
    said = [finding for finding in findings if finding.get("effect") != "undecided"]
    later = [finding for finding in findings if finding.get("effect") == "undecided"]
    parts: list[RenderableType] = []
    if said:
        denied = sum(finding.get("effect") == "deny" for finding in said)
        waived = sum(finding.get("effect") == "waived" for finding in said)
        aside = f"{denied} against it" if denied else f"{waived} waived" if waived else "none against it"
        parts += [heading("Policies", aside), *_finding_table(said)]
    else:
        parts += [heading("Policies", "none against it"), Text("")]
    if later:
        parts += [
            heading("Decided later", "these rules read values that are not known yet"),
            *_finding_table(later),
            Text("  Each is judged again just before its resource is made; a no stops the run there.", "quiet"),
            Text(""),
        ]
    return parts


def _finding_table(findings: Sequence[Mapping[str, object]]) -> list[RenderableType]:
    rows = []
    for finding in sorted(findings, key=_weight):
        sign, style = _EFFECTS.get(str(finding.get("effect")), ("·", ""))
        controls = finding.get("controls")
        ids = ", ".join(map(str, controls)) if isinstance(controls, list | tuple) else ""
        text = Text(": ".join(str(finding[name]) for name in ("title", "message") if finding.get(name)))
        where = " ".join(str(finding[name]) for name in ("instance", "address") if finding.get(name))
        for extra in (where, (ids and f"{finding.get('rule')}  {ids}") or finding.get("rule")):
            if extra:
                text.append(f"\n{extra}", "quiet")
        if finding.get("effect") == "deny" and finding.get("value"):
            text.append(f"\nvalue {finding['value']}", "quiet")
        waiver = finding.get("waiver")
        if isinstance(waiver, Mapping):
            text.append(f"\nwaived by {waiver.get('owner')} until {waiver.get('expires')}: {waiver.get('reason')}")
        elif finding.get("effect") != "undecided" and finding.get("remediation"):
            text.append(f"\n→ {finding['remediation']}")
        rows.append((Text(sign, style), Text(str(finding.get("severity", "")), style), text))
    return [Rows((Column(gap=2), Column(gap=2), Column(flows=True)), rows, indent=2), Text("")]


def _weight(finding: Mapping[str, object]) -> tuple[int, int, str, str]:
    effect, severity = str(finding.get("effect")), str(finding.get("severity"))
    return (
        list(_EFFECTS).index(effect) if effect in _EFFECTS else len(_EFFECTS),
        _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES),
        str(finding.get("rule")),
        str(finding.get("address")),
    )


def _signature(preview: PreviewView) -> list[RenderableType]:
    rows = [("digest", preview.digest), ("commit", preview.commit), ("made", day(preview.made_at) + " UTC")]
    open_rules = sum(finding.get("effect") == "undecided" for finding in preview.findings)
    if open_rules:
        rows.append(("open", count(open_rules, "rule") + " decided later"))
    columns = (Column(style="quiet", gap=2), Column())
    parts = [heading("What an approver signs", "the digest covers every change above")]
    return [*parts, Rows(columns, rows, indent=2), Text("")]
