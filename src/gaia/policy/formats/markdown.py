"""Markdown for a comment of a pull request: the verdict, a table, and how to repair each kind of finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.kit.markdown import code, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.policy.model import Finding, Said
    from gaia.policy.report import Checked, Placed, Verdict

_SIGNS: Mapping[Said, str] = {"deny": "❌ deny", "undecided": "❔ undecided", "waived": "🔕 waived", "warn": "⚠️ warn"}
_VERDICTS: Mapping[Verdict, str] = {
    "denied": "❌ The policies say no",
    "undecided": "❔ The policies cannot say yet",
    "allowed": "✅ The policies have nothing against it",
}
MOST = 100
"""Findings in the table: a comment may hold some 65,000 characters."""


def markdown(checked: Checked) -> str:
    """All texts of others are escaped: none of them makes a link, an image or a mention."""
    counts = checked.counts
    tally = ", ".join(f"{counts[effect]} {effect}" for effect in _SIGNS if effect in counts) or "no finding"
    lines = [
        f"### {_VERDICTS[checked.verdict]}",
        "",
        f"{escaped(checked.about)}: {tally}; {escaped(checked.looked)}.",
    ]
    if checked.findings:
        lines += ["", "| | rule | resource | why | where |", "|---|---|---|---|---|"]
        lines += [_row(each) for each in checked.findings[:MOST]]
        if (more := len(checked.findings) - MOST) > 0:
            lines += ["", f"And {more} more."]
        lines += ["", *_remedies(checked)]
    return "\n".join(lines).rstrip() + "\n"


def _row(placed: Placed) -> str:
    finding = placed.finding
    places = [code(str(placed.at))] if placed.at else []
    places += [f"{code(cause.variable)} at {code(str(cause.at))}" for cause in placed.causes if cause.at]
    cells = [
        _SIGNS[finding.effect],
        f"{code(finding.rule)} ({finding.severity})",
        code(finding.address) if finding.address else "",
        escaped(finding.message) + _excuse(finding),
        "<br>".join(places),
    ]
    return f"| {' | '.join(cells)} |"


def _excuse(finding: Finding) -> str:
    """Whose word excuses it; of one that could be excused, its value."""
    if finding.waiver:
        return f"<br>waived by {escaped(str(finding.waiver))}"
    return f"<br>value {code(finding.value)}" if finding.value else ""


def _remedies(checked: Checked) -> Iterator[str]:
    told = {each.finding.rule: each.finding for each in checked.findings}
    for finding in told.values():
        if finding.remediation:
            yield f"* **{escaped(finding.title)}**: {escaped(finding.remediation)}"
