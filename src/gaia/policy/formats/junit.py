"""JUnit XML, as Jenkins, GitLab and others read it: a suite of one plan, a test case of each rule and each finding."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.policy.report import Checked, Placed


def junit(checked: Checked) -> str:
    """A deny is a failure; an undecided one (nobody knows yet) and a waived one are skipped; a warning passes."""
    cases = list(_cases(checked))
    counts = checked.counts
    skipped = counts.get("undecided", 0) + counts.get("waived", 0)
    tallies = f'tests="{len(cases)}" failures="{counts.get("deny", 0)}" errors="0"'
    suite = f'  <testsuite name={_attribute(checked.subject)} {tallies} skipped="{skipped}">'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="policies" {tallies}>', suite]
    return "\n".join([*lines, *cases, "  </testsuite>", "</testsuites>"]) + "\n"


def _cases(checked: Checked) -> Iterator[str]:
    found: dict[str, list[Placed]] = {}
    seen = Counter[tuple[str, str]]()
    for each in checked.findings:
        found.setdefault(each.finding.rule, []).append(each)
    for rule in checked.rules:
        for each in found.pop(rule.name, ()):
            yield _case(checked, each, seen)
            found[rule.name] = []
        if rule.name not in found:
            yield f"    <testcase classname={_attribute(rule.name)} name={_attribute(rule.title)}/>"
    said = {rule.name for rule in checked.rules}
    yield from (
        _case(checked, each, seen) for each in checked.findings if each.finding.rule not in said
    )  # about waivers


def _case(checked: Checked, placed: Placed, seen: Counter[tuple[str, str]]) -> str:
    finding = placed.finding
    name = f"{finding.address or checked.subject}: {finding.title}"
    seen[finding.rule, name] += 1
    if (number := seen[finding.rule, name]) > 1:  # who reads cases by class and name would drop the second
        name += f" ({number})"
    body = [finding.message]
    body += [f"at {placed.at}"] if placed.at else []
    body += [f"{cause.attribute}: {cause.variable} at {cause.at}" for cause in placed.causes if cause.at]
    body += [finding.remediation] if finding.remediation else []
    body += [f"value: {finding.value}"] if finding.value else []
    body += [f"waived by {finding.waiver}, at {finding.waiver.at}"] if finding.waiver else []
    text, message = escape(visible("\n".join(body))), _attribute(finding.message)
    if finding.effect == "deny":
        inner = f"<failure type={_attribute(finding.severity)} message={message}>{text}</failure>"
    elif finding.effect == "waived":
        excused = _attribute(f"waived by {finding.waiver}: {finding.message}")
        inner = f"<skipped message={excused}/><system-out>{text}</system-out>"
    elif finding.effect == "undecided":
        inner = f"<skipped message={message}/>"
    else:
        inner = f"<system-out>{text}</system-out>"
    return f"    <testcase classname={_attribute(finding.rule)} name={_attribute(name)}>{inner}</testcase>"


def _attribute(text: str) -> str:
    return quoteattr(visible(text))
