"""The comment that says how an application ended, or why there was none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.ci.hosts.host import LONGEST_COMMENT, length
from gaia.ci.reports.reasons import reasons
from gaia.kit.markdown import code, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gaia.checkout.batch_model import Ended, EndStatus
    from gaia.ci.applying.before_merge import BeforeMerge
    from gaia.ci.applying.reviewed import Applied, Result

MARKER = "gaia:applied"
_TITLES: Mapping[Result, str] = {
    "applied": "✅ Gaia: applied as it was reviewed",
    "unchanged": "✅ Gaia: there is nothing left to do",
    "stopped": "❌ Gaia: not all of it ended well",
    "unapproved": "❌ Gaia: nothing was applied: approvals are missing",
    "different": "❌ Gaia: nothing was applied: this is not what was reviewed",
    "denied": "❌ Gaia: nothing was applied: it may not be as it is",
}
_SIGNS: Mapping[EndStatus, str] = {"applied": "✅", "unchanged": "✅", "waits": "⏳", "not tried": "⏸️"}
_MOST = LONGEST_COMMENT - 2000


def ended_comment(applied: Applied, redact: Callable[[str], str], commit: str, about: str = "") -> str:
    """The text, shorter than `LONGEST_COMMENT`; the commit is the head of the pull request."""
    lines = [f"### {_TITLES[applied.result]}", "", *([escaped(about), ""] if about else [])]
    if applied.ends:
        lines += ["| | instance | | |", "|---|---|---|---|"]
        lines += map(_row, applied.ends)
        lines += ["", *_left(applied)]
    else:
        lines += [f"* {escaped(one)}" for one in reasons(applied)]
    if not applied.fine:
        lines += ["", _STEPS[applied.result]]
    kept, room = [], _MOST
    for line in map(redact, lines):
        room -= length(line) + 1
        if room < 0:
            kept.append("")
            kept.append("The rest has no room here: the log of the job has it.")
            break
        kept.append(line)
    last = f"<sub>{code(commit[:12])}, reviewed as {code(applied.reviewed.digest)}</sub>"
    return "\n".join([*kept, "", last, ""])


def before_and_after(applied: Applied, branch: str, asked_by: str, before: BeforeMerge) -> str:
    """How an application before the merge, and the merge, belong together; empty where there is only one of them."""
    if asked_by and applied.fine:
        return f"{asked_by} asked for it. {branch} does not say so yet: merge it, and nothing is left to do."
    if not asked_by and before.done and applied.result == "unchanged":
        return f"It was applied before the merge, when {before.by} asked for it."
    return ""


_STEPS: Mapping[Result, str] = {
    "stopped": "Repair the cause and run the job again: it looks at what was made, and goes on.",
    "unapproved": "Have the owners approve, then run the job again.",
    "denied": "Repair the cause and run the job again.",
    "different": "Take it back by a pull request, do it again by another one, and have that plan reviewed.",
}


def _row(one: Ended) -> str:
    done = ", ".join(
        f"{number} {escaped(word)}" for word, number in (one.outcome.changed if one.outcome else {}).items()
    )
    word = "unknown" if one.status == "interrupted" else one.status
    return f"| {_SIGNS.get(one.status, '❌')} | {code(str(one.key))} | {word} | {done or escaped(one.reason)} |"


def _left(applied: Applied) -> Iterator[str]:
    """What is in no state, or has to be looked at by hand."""
    for one in applied.ends:
        for left in one.outcome.left if one.outcome else ():
            yield f"* {code(str(one.key))}: {escaped(left)}"
