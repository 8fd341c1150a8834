"""A batch before and after: a line an instance, with totals; and what about it matters first."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.next_step import told
from gaia.cli.screens.format import count, few_names, money
from gaia.cli.screens.preview import heading, replacements
from gaia.cli.screens.progress import DID
from gaia.cli.screens.tables import Column, Rows, signed
from gaia.cost.summary import summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from gaia.checkout.batch_model import Ended, EndStatus, Planned

ACTIONS = ("create", "update", "replace", "delete")
"""Of the columns; what is only imported, moved or forgotten is said in words."""
_TITLES = dict(zip(ACTIONS, ("add", "change", "replace", "destroy"), strict=True))
_UNSEEN = {"failed": "not planned", "waits": "cannot be seen yet"}
_SIGNS: Mapping[str, tuple[str, str]] = {
    "changes": ("~", "update"),
    "refused": ("✗", "bad"),
    "failed": ("✗", "bad"),
    "waits": ("○", "warn"),
}
_ENDS: Mapping[EndStatus, tuple[str, str]] = {
    "applied": ("✓", "good"),
    "unchanged": ("✓", "quiet"),
    "waits": ("○", "warn"),
    "not tried": ("○", "quiet"),
    "parked": ("!", "warn"),
    "interrupted": ("!", "warn"),
    "failed": ("✗", "bad"),
}


def plan_screen(planned: Sequence[Planned], *, destroy: bool = False) -> list[RenderableType]:
    """What would be done to each; those to which nothing would be done are counted."""
    shown = [one for one in planned if not one.unchanged]
    same = len(planned) - len(shown)
    parts: list[RenderableType] = [heading("Changes", totals(planned))]
    changes = [change for one in planned if one.seen for change in one.seen.view.changes]
    parts += replacements(changes)
    if shown:
        short = len({one.instance.key.stack for one in shown}) == 1
        parts.append(_table(shown, short=short))
        parts += _remarks(shown, short=short)
    if same and destroy:
        parts.append(Text(f"  {count(same, 'instance has', 'instances have')} nothing to destroy.", "quiet"))
    elif same:
        parts.append(Text(f"  {count(same, 'instance is', 'instances are')} as the stacks say.", "quiet"))
    alone = [(one.instance.key, one.alone) for one in planned if one.alone]
    if alone:
        together = sum(one.seen is not None and not one.alone for one in planned)
        parts.append(Text(f"  {count(together, 'was', 'were')} planned together; by themselves:", "quiet"))
        parts += [signed([("·", "quiet", Text(f"{key}: {why}", "quiet"))], indent=2) for key, why in alone]
    return parts


def brief_screen(planned: Sequence[Planned]) -> list[RenderableType]:
    """What would be done to all together, and what is wrong."""
    bad = [one for one in planned if one.error is not None or one.refused]
    return [heading("Changes", totals(planned)), *_remarks(bad, short=False)]


def _table(shown: Sequence[Planned], *, short: bool) -> RenderableType:
    """A row an instance, with the columns in which there is something: cost and findings among them."""
    tallies = [Counter(change.action for change in one.seen.view.changes) if one.seen else Counter() for one in shown]
    there = [action for action in ACTIONS if any(tally[action] for tally in tallies)]
    columns = [Column("component" if short else "instance", gap=2)]
    columns += [Column(title, right=True, gap=2) for action, title in _TITLES.items() if action in there]
    judged = {"a month": [_cost(one) for one in shown], "findings": [_findings(one) for one in shown]}
    judged = {title: cells for title, cells in judged.items() if any(cells)}
    columns += [Column(title, right=True, gap=2) for title in judged]
    rows = []
    for number, (one, tally) in enumerate(zip(shown, tallies, strict=True)):
        name = one.instance.key.component if short else str(one.instance.key)
        cells = [Text.assemble(_SIGNS[one.status], " ", (name, "name"))]
        cells += [Text(str(tally[action]), action) if tally[action] else Text("·", "quiet") for action in there]
        rows.append([*cells, *(said[number] or Text("·", "quiet") for said in judged.values())])
    return Rows(columns, rows, indent=2)


def _findings(one: Planned) -> Text:
    """How many the policies have; empty where there are none."""
    verdict = one.seen.verdict if one.seen else None
    if verdict is None or not verdict.reasons:
        return Text()
    sign, style = ("✗", "bad") if one.refused else ("?", "unknown") if one.undecided else ("!", "warn")
    return Text(f"{sign} {len(verdict.reasons)}", style)


def end_screen(
    ends: Sequence[Ended], done: str, planned: Iterable[Planned] = (), *, brief: bool = False
) -> list[RenderableType]:
    """What was done and what it costs, what was not and why.

    `done`: `applied` or `destroyed`. `planned`: what was to be done. `brief`: those that ended well are only counted.
    """
    tally = Counter(one.status for one in ends)
    words = [f"{tally[status]} {done if status == 'applied' else status}" for status in _ENDS if tally[status]]
    applied = {one.key for one in ends if one.status == "applied"}
    difference = _bill(one for one in planned if one.instance.key in applied)
    figures = ", ".join(words) + (f"; {difference}" if difference else "")
    parts: list[RenderableType] = [] if brief else [Text("")]
    parts += [heading("Done" if all(one.fine for one in ends) else "Ended", figures)]
    if not brief:
        parts.append(signed([_done(one, done) for one in ends if one.status == "applied"]))
    others: dict[tuple[EndStatus, str], list[str]] = {}
    for one in ends:  # what went wrong stands last, next to the prompt
        if not one.fine:
            left = one.outcome.left if one.outcome else ()
            said = [one.reason, *few_names(left), *([told(one.next_step)] if one.next_step else [])]
            others.setdefault((one.status, "\n".join(said)), []).append(str(one.key))
    rows = []
    for (status, why), names in others.items():
        text = Text.assemble((", ".join(names), "name"), f"  {status}\n", why)
        rows.append((*_ENDS[status], text))
    return [*parts, signed(rows)]


def _done(one: Ended, done: str) -> tuple[str, str, Text]:
    changed = one.outcome.changed if one.outcome else {}
    did = ", ".join(f"{number} {DID.get(action, action)}" for action, number in changed.items())
    return (*_ENDS["applied"], Text.assemble((str(one.key), "name"), f"  {done}  ", (did, "quiet")))


def totals(planned: Iterable[Planned]) -> str:
    """`3 to add, 1 to change; +$12.00 a month`."""
    tally: Counter[str] = Counter()
    planned = tuple(planned)
    for one in planned:
        tally.update(change.action for change in one.seen.view.changes) if one.seen else None
    said = [f"{tally[action]} to {title}" for action, title in _TITLES.items() if tally[action]]
    said += [f"{tally[action]} to {action}" for action in ("import", "move", "forget") if tally[action]]
    if said and (difference := _bill(planned)):
        said[-1] += f"; {difference}"
    unseen: Counter[str] = Counter(one.status for one in planned if one.seen is None)
    said += [f"{unseen[status]} {word}" for status, word in _UNSEEN.items() if unseen[status]]
    return ", ".join(said) or "nothing to change"


def _bill(planned: Iterable[Planned]) -> str:
    """What they do to the bill together; empty where they do nothing to it."""
    difference, partial = Decimal(0), False
    for one in planned:
        known, whole = _difference(one)
        difference, partial = difference + known, partial or not whole
    if difference:
        return f"{money(difference, signed=True)} a month{' and what has no price' if partial else ''}"
    return "no price is known" if partial else ""


def _cost(one: Planned) -> Text:
    """What it does to the bill; empty where it does nothing to it."""
    known, whole = _difference(one)
    return Text(" ".join([*([money(known, signed=True)] if known else []), *([] if whole else ["?"])]))


def _remarks(planned: Iterable[Planned], *, short: bool) -> Iterator[RenderableType]:
    """What is to be said of single ones besides numbers; those of which the same is to be said stand together."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for one in planned:
        for remark in _said(one):
            found.setdefault(remark, []).append(one.instance.key.component if short else str(one.instance.key))
    if found:
        yield Text("")
    rows = [
        (sign, style, Text.assemble((", ".join(few_names(names)), "name"), f"  {text}"))
        for (sign, style, text), names in found.items()
    ]
    if rows:
        yield signed(rows)


def _said(one: Planned) -> Iterator[tuple[str, str, str]]:
    if one.error is not None:
        yield "✗", "bad", one.error.message + (f"\n{told(one.error.next_step)}" if one.error.next_step else "")
        return
    if one.seen is None:
        yield "○", "warn", f"cannot be seen yet: {one.waits}"
        return
    verdict, changes = one.seen.verdict, one.seen.view.changes
    if one.undecided and verdict is not None:
        for rule in dict.fromkeys(reason.partition(":")[0] for reason in verdict.reasons):
            yield "?", "unknown", f"{rule}: decided when more is known, before it is applied"
    elif verdict is not None:
        for reason in dict.fromkeys(verdict.reasons):  # a remark each: what several have in common is said once
            yield ("✗", "bad", f"the policies say no: {reason}") if one.refused else ("!", "warn", reason)
    other = Counter(change.action for change in changes if change.action not in ACTIONS)
    for action, number in other.items():
        yield "·", "quiet", f"{number} to {action}"
    if not changes:
        yield "·", "quiet", "only outputs change"
    if one.seen.instead_of:
        yield "!", "warn", f"an earlier {one.seen.instead_of} did not end and is given up"


def _difference(one: Planned) -> tuple[Decimal, bool]:
    """What it does to the bill of a month, and whether that is all of it."""
    if not one.cost:
        return Decimal(0), True
    found = summary(one.cost)
    return found.diff_monthly or Decimal(0), found.difference_complete
