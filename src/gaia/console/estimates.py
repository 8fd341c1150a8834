"""What a request or a service costs a month, as bars."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gaia.console.words import money
from gaia.cost.summary import summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.cost.summary import CostSummary

_MOST = 12
"""Bars; what is less than these is one more."""
_WIDTH = 100.0


@dataclass(frozen=True, slots=True)
class Bar:
    """What one thing costs, beside what it did before. Widths are in hundredths of the most."""

    name: str
    now: Decimal | None
    before: Decimal
    width: float
    was: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Everything that a page shows of a cost."""

    figures: CostSummary
    bars: tuple[Bar, ...]

    @property
    def gaps(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What the figures do not hold, each with its lines."""
        found = self.figures
        unsupported = tuple(f"{count} of {kind}" for kind, count in found.unsupported.items())
        return tuple(
            (title, lines)
            for title, lines in (
                ("Without a price", found.unpriced),
                ("Types that have no prices yet", unsupported),
                ("Not estimated", found.failed),
                ("By use that nobody has said", found.pending),
            )
            if lines
        )


def estimate_of(document: Mapping[str, Any]) -> Estimate | None:
    """The bars of an Infracost document; None where there is no estimate."""
    if not document:
        return None
    now, before = defaultdict[str, list[Decimal | None]](list), defaultdict[str, Decimal](Decimal)
    for project in document["projects"]:
        for item in (project.get("breakdown") or {}).get("resources", ()):
            now[item["name"]].append(_figure(item.get("monthlyCost")))
        for item in (project.get("pastBreakdown") or {}).get("resources", ()):
            before[item["name"]] += _figure(item.get("monthlyCost")) or 0
    sums = {name: _sum(parts) for name, parts in now.items()}
    lines = [(name, sums.get(name, Decimal(0)), before.get(name, Decimal(0))) for name in {**sums, **before}]
    lines = [line for line in lines if line[1] or line[2]]
    lines.sort(key=lambda line: -max(line[1] or Decimal(0), line[2]))
    most = max((max(one or Decimal(0), was) for _, one, was in lines), default=Decimal(0)) or Decimal(1)
    shown = [_bar(*line, most) for line in lines[:_MOST]]
    if rest := lines[_MOST:]:
        figure, was = (
            sum((one or Decimal(0) for _, one, _ in rest), Decimal(0)),
            sum((was for *_, was in rest), Decimal(0)),
        )
        shown.append(_bar(f"{len(rest)} more", figure, was, max(most, figure, was)))
    return Estimate(summary(document), tuple(shown))


def _bar(name: str, now: Decimal | None, before: Decimal, most: Decimal) -> Bar:
    return Bar(name, now, before, _share(now or Decimal(0), most), _share(before, most))


def _share(amount: Decimal, most: Decimal) -> float:
    return round(float(amount / most) * _WIDTH, 1)


def _sum(parts: list[Decimal | None]) -> Decimal | None:
    known = [one for one in parts if one is not None]
    return sum(known, Decimal(0)) if known else None


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def monthly(document: Mapping[str, Any]) -> str:
    """What is expected a month, assumed use included; empty without an estimate."""
    if not document:
        return ""
    found = summary(document)
    expected = found.monthly if found.range.expected is None else found.range.expected
    return (
        f"{'' if found.complete else '≥ '}{money(expected, found.currency)}/mo" if expected is not None else "unknown"
    )


def together(documents: Sequence[Mapping[str, Any]]) -> str:
    """What several things are expected to cost a month, as text; `≥` where something of it is not known."""
    sums, complete = defaultdict[str, Decimal](Decimal), True
    for document in documents:
        found = summary(document) if document else None
        expected = None if found is None else found.monthly if found.range.expected is None else found.range.expected
        if found is None or expected is None:
            complete = False
            continue
        sums[found.currency] += expected
        complete = complete and found.complete
    said = " + ".join(money(amount, currency) for currency, amount in sums.items())
    return f"{'' if complete else '≥ '}{said}" if said else "unknown"


def share_of(amount: object, most: object) -> float:
    """How much of `most` an amount is, in hundredths and no more than all of it; nothing where that is not known."""
    if amount is None or most is None or not Decimal(str(most)):
        return 0.0
    return min(_WIDTH, _share(Decimal(str(amount)), Decimal(str(most))))
