"""A batch before and after: a line an instance, with totals; and what about it matters first."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.next_step import told
from gaia.cli.screens.format import count, decimal, money
from gaia.cli.screens.preview import heading, replacements
from gaia.cli.screens.tables import Column, Rows, signed
from gaia.cost.summary import summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import RenderableType

    from gaia.checkout.batch_model import Ended, EndStatus, Planned

ACTIONS = ("create", "update", "replace", "delete")
"""Of the columns; what is only imported, moved or forgotten is said in words."""
_TITLES = ("add", "change", "replace", "destroy")
_ENDS: Mapping[EndStatus, tuple[str, str]] = {
    "applied": ("✓", "good"),
    "unchanged": ("✓", "quiet"),
    "waits": ("○", "warn"),
    "not tried": ("○", "quiet"),
    "parked": ("!", "warn"),
    "interrupted": ("!", "warn"),
    "failed": ("✗", "bad"),
}


def plan_screen(planned: Sequence[Planned]) -> list[RenderableType]:
    """What would be done to each; those to which nothing would be done are counted."""
    shown = [one for one in planned if not one.unchanged]
    same = len(planned) - len(shown)
    parts: list[RenderableType] = [heading("Changes", totals(planned))]
    changes = [change for one in planned if one.seen for change in one.seen.view.changes]
    parts += replacements(changes)
    if shown:
        columns = (
            Column(gap=1), Column("instance", "name"), *(Column(title, right=True, gap=2) for title in _TITLES),
            Column("a month", right=True, gap=2), Column("", flows=True),
        )  # fmt: skip
        parts.append(Rows(columns, [_planned(one) for one in shown]))
    if same:
        parts.append(Text(f"  {count(same, 'instance is', 'instances are')} as the stacks say.", "quiet"))
    alone = [(one.instance.key, one.alone) for one in planned if one.alone]
    if alone:
        parts.append(Text(f"  {len(planned) - len(alone)} were planned together; by themselves:", "quiet"))
        parts += [signed([("·", "quiet", Text(f"{key}: {why}", "quiet"))], indent=2) for key, why in alone]
    return parts


def end_screen(ends: Sequence[Ended], done: str) -> list[RenderableType]:
    """What was done, what was not and why. `done`: `applied` or `destroyed`."""
    tally = Counter(one.status for one in ends)
    words = [f"{tally[status]} {done if status == 'applied' else status}" for status in _ENDS if tally[status]]
    parts: list[RenderableType] = [
        Text(""),
        heading("Done" if all(one.fine for one in ends) else "Ended", ", ".join(words)),
    ]
    rows = []
    for one in ends:
        if one.status == "unchanged":
            continue
        sign, style = _ENDS[one.status]
        text = Text.assemble((str(one.key), "name"), f"  {done if one.status == 'applied' else one.status}")
        if one.outcome is not None and one.outcome.changed:
            text.append(
                "  " + ", ".join(f"{number} {action}" for action, number in one.outcome.changed.items()), "quiet"
            )
        if not one.fine and one.reason:
            text.append(f"\n{one.reason}")
        if not one.fine and one.next_step:
            text.append(f"\n{told(one.next_step)}", "quiet")
        rows.append((sign, style, text))
    return [*parts, signed(rows)] if rows else parts


def totals(planned: Iterable[Planned]) -> str:
    """`3 to add, 1 to change; +$12.00 a month`."""
    tally: Counter[str] = Counter()
    difference, partial = Decimal(0), False
    for one in planned:
        tally.update(change.action for change in one.seen.view.changes) if one.seen else None
        known, whole = _difference(one)
        difference, partial = difference + known, partial or not whole
    said = [f"{tally[action]} to {title}" for action, title in zip(ACTIONS, _TITLES, strict=True) if tally[action]]
    said += [f"{tally[action]} to {action}" for action in ("import", "move", "forget") if tally[action]]
    text = ", ".join(said) or "nothing to change"
    if difference or partial:
        text += f"; {money(difference, signed=True)} a month{' and what has no price' if partial else ''}"
    return text


def _planned(one: Planned) -> list[Text]:
    sign, style, words = _words(one)
    tally: Counter[str] = Counter(change.action for change in one.seen.view.changes) if one.seen else Counter()
    cells = [
        Text(str(tally[action]) if tally[action] else "·", action if tally[action] else "quiet") for action in ACTIONS
    ]
    known, whole = _difference(one)
    cost = (money(known, signed=True) if known else "·") + ("" if whole else " ?")
    return [Text(sign, style), Text(str(one.instance.key)), *cells, Text(cost, "" if known else "quiet"), Text(words)]


def _words(one: Planned) -> tuple[str, str, str]:
    if one.error is not None:
        return "✗", "bad", one.error.message
    if one.seen is None:
        return "○", "warn", f"is seen later: {one.waits}"
    if one.refused:
        return "✗", "bad", f"the policies say no: {'; '.join(one.seen.verdict.reasons) if one.seen.verdict else ''}"
    changes = one.seen.view.changes
    other = Counter(change.action for change in changes if change.action not in ACTIONS)
    said = [f"{number} to {action}" for action, number in other.items()]
    said += [] if changes else ["only outputs change"]
    said += [f"an earlier {one.seen.instead_of} is given up"] if one.seen.instead_of else []
    said += [f"policy: {reason}" for reason in (one.seen.verdict.reasons if one.seen.verdict else ())]
    return "~", "update", "; ".join(said)


def _difference(one: Planned) -> tuple[Decimal, bool]:
    """What it does to the bill of a month, and whether that is all of it."""
    if not one.cost:
        return Decimal(0), True
    figures = summary(one.cost).totals()
    return decimal(figures["difference"]) or Decimal(0), not figures["partial"]
