"""Markdown for a comment of a pull request: the verdict, a table, and how to repair each kind of finding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.policy.model import Effect
    from gaia.policy.report import Checked, Placed, Verdict

_SIGNS: Mapping[Effect, str] = {"deny": "❌ deny", "undecided": "❔ undecided", "warn": "⚠️ warn"}
_VERDICTS: Mapping[Verdict, str] = {
    "denied": "❌ The policies say no",
    "undecided": "❔ The policies cannot say yet",
    "allowed": "✅ The policies have nothing against it",
}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~&@])")
MOST = 100
"""Findings in the table: a comment may hold some 65,000 characters."""


def markdown(checked: Checked) -> str:
    """All texts of others are escaped: none of them makes a link, an image or a mention."""
    counts = checked.counts
    tally = ", ".join(f"{counts[effect]} {effect}" for effect in _SIGNS if effect in counts) or "no finding"
    lines = [
        f"### {_VERDICTS[checked.verdict]}",
        "",
        f"{_escaped(checked.subject)}: {tally}; {len(checked.rules)} rules looked at {checked.resources} changes.",
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
    places = [_code(str(placed.at))] if placed.at else []
    places += [f"{_code(cause.variable)} at {_code(str(cause.at))}" for cause in placed.causes if cause.at]
    cells = [
        _SIGNS[finding.effect],
        f"{_code(finding.rule)} ({finding.severity})",
        _code(finding.address) if finding.address else "",
        _escaped(finding.message),
        "<br>".join(places),
    ]
    return f"| {' | '.join(cells)} |"


def _remedies(checked: Checked) -> Iterator[str]:
    told = {each.finding.rule: each.finding for each in checked.findings}
    for finding in told.values():
        if finding.remediation:
            yield f"* **{_escaped(finding.title)}**: {_escaped(finding.remediation)}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _one_line(text))


def _code(text: str) -> str:
    """A code span that its text cannot end; a bar would end the table's cell even there."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    barred = _one_line(text).replace("|", "\\|")
    return f"{fence}{pad}{barred}{pad}{fence}"


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())
