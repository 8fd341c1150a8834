"""What changes between two lists of priced resources: every number is new minus old, and only changes are listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.cost.model import ZERO
from gaia.cost.priced import Amount, Item, Line, totalled

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABELS = re.compile(r"\((?P<labels>[^()]*)\)\s*$")


def difference(past: Sequence[Item], current: Sequence[Item]) -> tuple[Item, ...]:
    """Pairs items by name; what is on one side only is added or removed as a whole."""
    olds = {item.name: item for item in past}
    news = {item.name: item for item in current}
    items = (_item(olds.get(name), news.get(name)) for name in dict.fromkeys([*olds, *news]))
    return tuple(item for item in items if item)


def _item(old: Item | None, new: Item | None) -> Item | None:
    shown = new or old
    if not shown:
        return None
    lines = _lines(old.lines if old else (), new.lines if new else ())
    groups = difference(old.groups if old else (), new.groups if new else ())
    if not lines and not groups:
        return None
    # Summed from the lines: the difference of two sums of which one lacks a line would be a saving that nobody makes.
    return totalled(shown.name, shown.type, lines, groups, tags=shown.tags, metadata=shown.metadata)


def _lines(olds: Sequence[Line], news: Sequence[Line]) -> tuple[Line, ...]:
    """Pairs by exact name, else by the text before the labels in brackets."""
    rest = list(olds)
    pairs: list[tuple[Line | None, Line | None]] = []
    for exact in (True, False):
        for new in [line for line in news if not any(pair[1] is line for pair in pairs)]:
            old = next((line for line in rest if line.name == new.name or (not exact and _alike(line, new))), None)
            if old:
                rest.remove(old)
                pairs.append((old, new))
    paired = {id(pair[1]): pair for pair in pairs}
    ordered = [paired.get(id(new), (None, new)) for new in news] + [(old, None) for old in rest]
    return tuple(line for old, new in ordered if (line := _line(old, new)))


def _alike(old: Line, new: Line) -> bool:
    return old.name.partition(" (")[0] == new.name.partition(" (")[0]


def _line(old: Line | None, new: Line | None) -> Line | None:
    shown = new or old
    if not shown:
        return None
    price = (new.price if new else ZERO) - (old.price if old else ZERO)
    amounts = [
        _minus(new, old, name) for name in ("hourly_quantity", "monthly_quantity", "hourly_cost", "monthly_cost")
    ]
    if not price and not any(amounts) and not _lost(old, new) and not _other(old, new):
        return None
    name = merged_name(old.name, new.name) if old and new else shown.name
    missing = bool((old and old.missing) or (new and new.missing))
    return Line(name, shown.unit, amounts[0], amounts[1], price, amounts[2], amounts[3], shown.usage_based, missing)


def merged_name(old: str, new: str) -> str:
    """`Usage (Linux, m5.large → m5.xlarge)`: labels that differ are shown side by side."""
    if old == new:
        return new
    olds, news = _LABELS.search(old), _LABELS.search(new)
    base = new.partition(" (")[0]
    if not olds or not news:
        return f"{base} ({olds['labels'] if olds else ''} → {news['labels'] if news else ''})"
    before, after = olds["labels"].split(", "), news["labels"].split(", ")
    if len(before) != len(after):
        return f"{base} ({olds['labels']}) → ({news['labels']})"
    labels = (one if one == other else f"{one} → {other}" for one, other in zip(before, after, strict=True))
    return f"{base} ({', '.join(labels)})"


def _lost(old: Line | None, new: Line | None) -> bool:
    """Whether the cost of a line is known on one side and not on the other."""
    return old is not None and new is not None and (old.monthly_cost is None) != (new.monthly_cost is None)


def _other(old: Line | None, new: Line | None) -> bool:
    """Whether what nobody knows the price of changes: nothing tells by how much."""
    sides = [side for side in (old, new) if side]
    lacking = any(side.missing and side.monthly_quantity != 0 and not side.waits for side in sides)
    return lacking and (old is None or new is None or (old.name, old.product) != (new.name, new.product))


def _minus(new: Line | None, old: Line | None, name: str) -> Amount:
    """What a side that is not there has is zero; what one has of which nobody knows makes the difference unknown."""
    amounts = [ZERO if side is None else getattr(side, name) for side in (new, old)]
    return None if None in amounts else amounts[0] - amounts[1]
