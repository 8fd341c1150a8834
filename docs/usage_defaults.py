"""The page of what is assumed of usage, from the file that estimates read."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.wording import quantity

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "docs/reference/usage-defaults.md"
_HEAD = """# What is assumed of usage

Where nobody has said how much is used, these quantities a month are what the range of an estimate
([cost](../explanation/cost.md#a-range)) is made of: a small, an ordinary and a busy service in its first
months. They are Gaia's own assumptions, in [one file](../../src/gaia/cost/usage_defaults.csv). Budgets count what
is expected; the total of an estimate holds none of it. A usage file goes before them. What is not here is not assumed.

| type | key | low | expected | high | of what |
|---|---|---:|---:|---:|---|
"""


def page(root: Path) -> str:
    """A row a quantity, as in the file."""
    text = (root / "src/gaia/cost/usage_defaults.csv").read_text("utf-8")
    lines = []
    for row in csv.DictReader(text.splitlines()):
        figures = " | ".join(quantity(Decimal(row[point])) for point in ("low", "expected", "high"))
        lines.append(f"| `{row['type']}` | `{row['key']}` | {figures} | {row['of']} |\n")
    return _HEAD + "".join(lines)
