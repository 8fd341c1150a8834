"""How much of a usage-based thing is assumed where nobody has said: least, expected, most.

`usage_defaults.csv` is the one place of these figures: for a small, an ordinary and a busy service in its first months.
They are Gaia's assumptions, made to show how far a bill may go, and never part of the figure that Infracost's format
holds. What is not in the file is not assumed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Point = Literal["low", "expected", "high"]
POINTS: tuple[Point, ...] = ("low", "expected", "high")
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """A quantity a month: the least, the expected and the most."""

    low: Decimal
    expected: Decimal
    high: Decimal

    def at(self, point: Point) -> Decimal:
        """One of the three."""
        return {"low": self.low, "expected": self.expected, "high": self.high}[point]


NOTHING: Mapping[Path, Spread] = {}


def assumed(kind: str) -> Mapping[Path, Spread]:
    """What is assumed of a resource type, by the path of the key in a usage file."""
    return _all().get(kind, NOTHING)


@cache
def _all() -> Mapping[str, Mapping[Path, Spread]]:
    text = (resources.files("gaia.cost") / "usage_defaults.csv").read_text("utf-8")
    found: dict[str, dict[Path, Spread]] = {}
    for row in csv.DictReader(text.splitlines()):
        spread = Spread(Decimal(row["low"]), Decimal(row["expected"]), Decimal(row["high"]))
        found.setdefault(row["type"], {})[tuple(row["key"].split("."))] = spread
    return found
