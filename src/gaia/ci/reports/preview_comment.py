"""The comment on a pull request: what matters first and whole, the rest as far as a comment has room.

Every text in it is somebody's: none makes markup, a link or a mention, and none ends the block that it stands in.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import TYPE_CHECKING

from gaia.ci.hosts.host import LONGEST_COMMENT, length
from gaia.ci.reports.change_lines import change_lines
from gaia.ci.reports.reasons import against
from gaia.errors import Conflict
from gaia.kit.markdown import code, escaped
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gaia.checkout.batch_model import Planned
    from gaia.ci.model import Made
    from gaia.platform.model import Change

MARKER = "gaia:preview"
_ROOM = LONGEST_COMMENT - 400
"""Characters: what an adapter adds has its place, and GitLab counts bytes where GitHub counts UTF-16."""
_ACTIONS = ("create", "update", "replace", "delete")
_TITLES = {"create": "create", "update": "change", "replace": "**replace**", "delete": "**destroy**"}
_SIGNS = {"changes": "🔷", "unchanged": "✅", "refused": "❌", "failed": "❌", "waits": "⏳"}
_LOST = ("replace", "delete", "forget")
"""What is never cut."""


def comment(made: Made, redact: Callable[[str], str], *, footer: Sequence[str] = ()) -> str:
    """The text, shorter than `LONGEST_COMMENT`.

    Raises:
        Conflict: `preview-too-long`: what would be destroyed does not fit, and what nobody sees nobody approves.
    """
    head = [*_headline(made), *_lost(made), *_troubles(made), *_deferred(made), *_gone(made)]
    end = ["", *footer, f"<sub>{_about(made)}</sub>", ""]
    text = redact("\n".join(head))
    ending = redact("\n".join(end))
    left = _ROOM - length(text) - length(ending)
    if left < 0:
        raise Conflict(
            "preview-too-long",
            f"what would be destroyed, replaced or refused takes {length(text):,} characters, and a comment has room "
            f"for {LONGEST_COMMENT:,}",
            next_step="Split the pull request: what nobody can see nobody can approve.",
        )
    kept: list[str] = []
    cut = 0
    for section in _sections(made):
        shown = redact("\n".join(("", *section)))
        if length(shown) + 1 > left - _ENOUGH:
            cut += 1
            continue
        kept.append(shown)
        left -= length(shown) + 1
    if cut:
        what = "1 part has" if cut == 1 else f"{cut} parts have"
        kept.append(f"\n{what} no room here: all of it is in `preview.json`.")
    return "\n".join([text, *kept, ending])


_ENOUGH = 100
"""Characters that say how much was left out."""


def _headline(made: Made) -> Iterator[str]:
    counted = Counter(one.action for one in _changes(made))
    said = [f"{counted[name]} to {_TITLES[name]}" for name in _ACTIONS if counted[name]]
    said += [f"{number} to {escaped(name)}" for name, number in sorted(counted.items()) if name not in _TITLES]
    left = [one for one in made.planned if not one.unchanged]
    said += ["outputs to change"] if any(one.seen and not one.seen.view.changes for one in left) else []
    said += [f"{number} not planned"] if (number := sum(one.seen is None for one in left)) else []
    total = len(made.planned)
    where = f"in {total} instance{'s' * (total != 1)}"
    sign = "❌" if made.denied else "✅" if made.empty else "🔷"
    yield f"### {sign} Gaia: {', '.join(said) or 'nothing to do'} {where}"
    bill = _bill(made)
    if bill:
        yield from ("", bill)
    if left:
        yield from ("", "| | instance | create | change | replace | destroy | a month | policies |")
        yield "|---|---|---:|---:|---:|---:|---:|---|"
        yield from map(_row, left)
    if same := total - len(left):
        yield from ("", f"{same} instance{'s are' if same != 1 else ' is'} as the stacks say.")


def _row(one: Planned) -> str:
    counted = Counter(change.action for change in one.seen.view.changes) if one.seen else Counter()
    numbers = [str(counted[name] or "") for name in _ACTIONS]
    cells = [_SIGNS[one.status], code(str(one.instance.key)), *numbers, _figure(one), _said(one)]
    return f"| {' | '.join(cells)} |"


def _figure(one: Planned) -> str:
    from gaia.cost.summary import summary
    from gaia.cost.wording import change_of

    return change_of(summary(one.cost)) if one.cost else ""


def _said(one: Planned) -> str:
    verdict = one.seen.verdict if one.seen else None
    counted = Counter(finding.effect for finding in verdict.findings) if verdict else Counter()
    return ", ".join(f"{number} {effect}" for effect, number in sorted(counted.items()))


def _bill(made: Made) -> str:
    from gaia.cost.combine import combine
    from gaia.cost.summary import summary
    from gaia.cost.wording import change_of, total_of

    found = [one.cost for one in made.planned if one.cost]
    if not found:
        return ""
    figures = summary(combine(found))
    return (
        f"Monthly cost: {change_of(figures)}, afterwards {total_of(figures)}{'' if figures.complete else ' (partial)'}."
    )


def _changes(made: Made) -> Iterable[Change]:
    return (change for one in made.planned if one.seen for change in one.seen.view.changes)


def _lost(made: Made) -> Iterator[str]:
    """Everything that would not be there any more, or be another: an instance a line."""
    lines = []
    for one in made.planned:
        changes = [each for each in one.seen.view.changes if each.action in _LOST] if one.seen else []
        if changes:
            listed = "; ".join(f"{each.action} {code(each.address)}{_forced(each)}" for each in changes)
            lines.append(f"* {code(str(one.instance.key))}: {listed}")
    if lines:
        yield from ("", "#### ⚠️ Destroyed or replaced", "", *lines)


def _forced(change: Change) -> str:
    return f" (for {', '.join(map(code, change.forced_by))})" if change.forced_by else ""


def _troubles(made: Made) -> Iterator[str]:
    """Why this may not be applied as it is."""
    lines = [f"* {escaped(one)}" for one in against(made)]
    if lines:
        yield from ("", "#### ❌ Not as it is", "", *lines)


def _deferred(made: Made) -> Iterator[str]:
    """What depends on something that is not applied yet."""
    lines = [
        f"* {code(str(one.instance.key))} waits: {escaped(one.waits)}. It is planned once that is there, and not "
        "applied before somebody has seen that plan."
        for one in made.planned
        if one.waits
    ]
    for one in made.planned:
        needs = made.deferred(str(one.instance.key))
        names = _awaited(one, needs) if one.seen and not one.unchanged else []
        if names:
            lines.append(
                f"* {code(str(one.instance.key))} is applied after {', '.join(map(code, needs))}: until then nobody "
                f"knows {', '.join(map(code, names))}"
            )
    if lines:
        yield from ("", "#### ⏳ Deferred", "", *lines)


def _awaited(one: Planned, needs: Sequence[str]) -> list[str]:
    """The values of an instance that are outputs of what is not applied yet."""
    found = (
        ".".join(map(str, path))
        for path, reference in one.instance.references
        if f"{reference.stack}/{reference.component}" in needs
    )
    return list(dict.fromkeys(found))


def _gone(made: Made) -> Iterator[str]:
    lines = []
    for one in made.gone:
        if one.resources is None:
            held = "its state cannot be read"
        elif one.resources:
            held = f"its state still holds {one.resources} resource{'s' * (one.resources != 1)}, which stay"
        else:
            held = "nothing of it is left"
        lines.append(f"* {code(one.instance)} is on the base branch only: {held}")
    if lines:
        step = "Nothing is destroyed for that. Whoever wants it gone destroys it first, while the code is there."
        yield from ("", "#### No longer there", "", *lines, "", step)


def _sections(made: Made) -> Iterator[list[str]]:
    """What is shown as far as there is room: warnings, the plans, the drawing."""
    if warnings := list(_warnings(made)):
        yield ["<details><summary>Warnings of the policies</summary>", "", *warnings, "", "</details>"]
    for one in made.planned:
        if one.seen and one.seen.view.changes:
            lines = [line for change in one.seen.view.changes for line in change_lines(change)]
            title = f"<details><summary><code>{html.escape(visible(str(one.instance.key)))}</code></summary>"
            yield [title, "", *fenced("\n".join(lines), "diff"), "", "</details>"]
    if made.drawing:
        drawn = fenced(made.drawing.rstrip("\n").replace("`", "'"), "mermaid")
        yield ["<details><summary>Who needs whom</summary>", "", *drawn, "", "</details>"]


def _warnings(made: Made) -> Iterator[str]:
    for one in made.planned:
        verdict = one.seen.verdict if one.seen else None
        for finding in verdict.findings if verdict else ():
            if finding.effect in ("warn", "undecided", "waived") or (verdict and verdict.allowed):
                where = f" {code(finding.address)}" if finding.address else ""
                yield f"* {finding.effect}: {code(str(one.instance.key))}{where}: {escaped(finding.message)}"


def fenced(text: str, language: str) -> list[str]:
    """A block of code that its text cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", visible(text), fence]


def _about(made: Made) -> str:
    """What this is of: to find it again, and for nothing else; nobody trusts a comment."""
    preview = made.preview
    return f"{code(preview.head[:12])} on {code(preview.base[:12])}, {code(preview.digest)}"
