"""What policies say of a plan, which ones there are, and what one of them is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import count
from gaia.cli.screens.tables import Column, Rows, signed
from gaia.policy.rules import FOLDER
from gaia.policy.waivers import LONGEST, WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from gaia.policy.coverage import Coverage
    from gaia.policy.model import Rule, Said, TestResult
    from gaia.policy.report import Cause, Checked, Placed
    from gaia.policy.waiver_states import Standing
    from gaia.scaffold.policies import Copied

SIGNS: Mapping[Said, tuple[str, str]] = {
    "deny": ("✗", "bad"),
    "undecided": ("?", "unknown"),
    "waived": ("~", "warn"),
    "warn": ("!", "warn"),
}
_ENDS = {
    "denied": ("✗ ", "bad", "The policies say no"),
    "undecided": ("? ", "unknown", "The policies cannot say yet"),
    "allowed": ("✓ ", "good", "The policies have nothing against it"),
}
_RESOURCES = 6
"""Of which the same is said, so many are named."""
_CAUSES = 4
"""Of one finding so many values are named."""


def checked_screen(checked: Checked) -> list[RenderableType]:
    """Each finding with its places and its repair, then the verdict."""
    sign, style, said = _ENDS[checked.verdict]
    tally = ", ".join(f"{checked.counts[effect]} {effect}" for effect in SIGNS if effect in checked.counts)
    looked = f"{checked.looked} of {checked.about}."
    end = Text.assemble((sign, style), (f"{said}{f': {tally}' if tally else ''}. ", style), (looked, "quiet"))
    return [*findings_screen(checked.findings), end]


def findings_screen(findings: Sequence[Placed]) -> list[RenderableType]:
    """Each finding; those of which the same is said stand together."""
    alike: dict[tuple[Said, str, str, str], list[Placed]] = {}
    for each in findings:
        alike.setdefault(
            (each.finding.effect, each.finding.rule, each.finding.message, str(each.finding.waiver)), []
        ).append(each)
    rows = [(*SIGNS[effect], _said(same)) for (effect, *_), same in alike.items()]
    return [signed(rows), Text("")] if rows else []


def _said(same: Sequence[Placed]) -> Text:
    finding = same[0].finding
    text = Text.assemble(finding.message, (f"  [{finding.rule}, {finding.severity}]", "quiet"))
    for each in same[:_RESOURCES]:
        if each.finding.address:
            text.append(f"\n{each.finding.address}", "name")
        if each.finding.value and not finding.waiver:
            text.append(f"\nvalue {each.finding.value}", "quiet")
        if each.at:
            text.append(f"\nat {each.at}", "quiet")
        for line in _causes(each.causes):
            text.append(f"\n{line}", "quiet")
    if len(same) > _RESOURCES:
        text.append(f"\nand {len(same) - _RESOURCES} more resources (--output json shows all)", "quiet")
    if finding.waiver:
        text.append(f"\nwaived by {finding.waiver} (at {finding.waiver.at})")
    elif finding.remediation:
        text.append(f"\n→ {finding.remediation}", "quiet")
    return text


def _causes(causes: Sequence[Cause]) -> Iterator[str]:
    known = [cause for cause in causes if cause.at]
    for cause in known[:_CAUSES]:
        given = "" if cause.given else ", its default"
        yield f"{cause.attribute} ← {cause.variable} at {cause.at}{given}"
    if len(known) > _CAUSES:
        yield f"and {len(known) - _CAUSES} more values (--output json shows all)"


def rules_screen(rules: Iterable[Rule], whose: str) -> list[RenderableType]:
    """A line a rule, by name."""
    columns = [Column("rule"), Column("severity"), Column("sets"), Column("title", flows=True)]
    listed = sorted(rules, key=lambda rule: rule.name)
    rows = [[Text(one.name, "name"), one.severity, ", ".join(one.effects), one.title] for one in listed]
    return [Rows(columns, rows), Text(f"{count(len(rows), 'rule')} of {whose}", "quiet")]


_SOON = 30
"""Days before its end from which on a waiver's days are told aloud."""


def waivers_screen(found: Sequence[Standing]) -> list[RenderableType]:
    """A line a waiver with what it excuses, whose word that is and where, those first that ask for something."""
    rows = [(*_standing(one), _excuse(one)) for one in found]
    left = sum(one.state != "in force" for one in found)
    asks = f", {left} of them to look after" if left else ""
    return [*([signed(rows), Text("")] if rows else []), Text(f"{count(len(found), 'waiver')}{asks}.", "quiet")]


def _standing(one: Standing) -> tuple[str, str]:
    if one.state == "in force":
        return ("~", "warn") if one.days <= _SOON else ("✓", "good")
    return {"pending": ("?", "unknown"), "expired": ("✗", "bad")}.get(one.state, ("!", "warn"))


def _excuse(one: Standing) -> Text:
    waiver = one.waiver
    words = {
        "in force": f"in force, expires in {count(one.days, 'day')}",
        "pending": "not yet approved: it is not on the branch that requests are based on",
        "expired": f"expired on {waiver.expires.isoformat()}",
        "too long": f"does not hold: its end is more than {LONGEST} days away",
        "unused": "unused: what it excuses is not there",
    }
    text = Text.assemble((waiver.rule, "name"), f"  {words[one.state]}", (f"\n{waiver.instance}", "name"))
    if waiver.resource != WHOLE:
        text.append(f"\n{waiver.resource}", "name")
    text.append(f"\nvalue {waiver.value}", "quiet")
    text.append(f"\n{waiver.owner}: {waiver.reason}")
    text.append(f"\nat {waiver.at}", "quiet")
    return text


def rule_screen(rule: Rule, shown: str, whose: str, example: str) -> list[RenderableType]:
    """What one rule is about."""
    parts: list[RenderableType] = [Text.assemble((rule.title, "title"), (f"  {rule.name}", "name"))]
    parts += [Text(rule.description)] if rule.description else []
    rows = [
        ("severity", rule.severity),
        ("sets", ", ".join(rule.effects)),
        ("controls", ", ".join(rule.controls)),
        ("owner", rule.owner),
        ("of", whose),
        ("file", f"{shown}/{rule.path}:{rule.line}"),
        ("repair", rule.remediation),
    ]
    parts += [Text(""), Rows([Column(style="quiet"), Column(flows=True)], [row for row in rows if row[1]])]
    if example:
        parts += [Text("\nIt has something against this:", "quiet"), Text(example)]
    return parts


def copied_screen(copied: Copied) -> list[RenderableType]:
    """What was put there, and what was left as it is."""
    rows = [
        ("!", "warn", Text.assemble((path, "name"), "  is another one than Gaia's, and stays")) for path in copied.kept
    ]
    end = Text.assemble(
        ("✓ ", "good"), f"{count(len(copied.copied), 'file')} copied into {FOLDER}/; they are yours now."
    )
    return [*([signed(rows), Text("")] if rows else []), end]


def tests_screen(results: Sequence[TestResult], coverage: Sequence[Coverage], whose: str) -> list[RenderableType]:
    """What failed, what no test has seen, and the tally."""
    failed = [each for each in results if not each.passed]
    rows = [
        ("✗", "bad", Text.assemble((each.name, "name"), f"  {each.message}", (f"\n{each.at}", "quiet")))
        for each in failed
    ]
    for each in coverage:
        if each.unseen:
            what = f"{each.effect}: no test has seen it"
            if each.seen:
                what = f"{each.effect}: no test has seen {len(each.unseen)} of its {each.statements} statements"
            places = "".join(f"\nat {at}" for at in each.unseen[:_CAUSES])
            more = f"\nand {len(each.unseen) - _CAUSES} more" if len(each.unseen) > _CAUSES else ""
            rows.append(("!", "warn", Text.assemble((each.rule, "name"), f"  {what}", (places + more, "quiet"))))
    sign, style = ("✗ ", "bad") if failed else ("✓ ", "good")
    tests = f"{count(len(results), 'test')} of {whose}"
    tally = f"{len(failed)} of {tests} failed" if failed else f"{tests} passed"
    seen = sum(each.seen for each in coverage)
    said = f"; {seen} of {count(len(coverage), 'set')} seen" if coverage else ""
    end = Text.assemble((sign, style), f"{tally}{said}" if results else f"There are no tests of {whose}.")
    return [*([signed(rows)] if rows else []), end]
