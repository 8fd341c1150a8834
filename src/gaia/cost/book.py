"""The price book: CSV files in the package, exact-match lookups, the source and age of every price.

The rows are few, so they are read as they are (about 1 ms); a book of every service belongs in SQLite.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING

from gaia.cost.model import Price, PriceKey
from gaia.errors import Defect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class PriceBook:
    """Prices by region and key."""

    prices: Mapping[tuple[str, PriceKey], Price]
    sources: Mapping[str, str]
    """Where each source is, by name."""

    @classmethod
    def open(cls) -> PriceBook:
        """The book that is shipped in `gaia/cost/prices`.

        Raises:
            Defect: `price-book-broken` when a row has no known source or no readable price.
        """
        folder = resources.files("gaia.cost") / "prices"
        files = {item.name: item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(".csv")}
        sources = {row["source"]: row["where"] for row in csv.DictReader(files.pop("sources.csv").splitlines())}
        rows = (row for name in sorted(files) for row in csv.DictReader(files[name].splitlines()))
        return cls(_index(rows, sources), sources)

    def price(self, region: str, key: PriceKey) -> Price | None:
        """The price, or None: a price that is not in the book is never guessed, nor taken from another region."""
        return self.prices.get((region, key))


def _index(rows: Iterable[Mapping[str, str]], sources: Mapping[str, str]) -> dict[tuple[str, PriceKey], Price]:
    prices: dict[tuple[str, PriceKey], Price] = {}
    for row in rows:
        price = _price(row, sources)
        place = (row["region"], PriceKey(row["service"], row["family"], row["key"]))
        known = prices.get(place)
        # Of several matching products Infracost takes the cheapest that is not free, and so do we.
        if known is None or known.usd == 0 or 0 < price.usd < known.usd:
            prices[place] = price
    return prices


def _price(row: Mapping[str, str], sources: Mapping[str, str]) -> Price:
    try:
        usd = Decimal(row["usd"])
    except ArithmeticError:
        usd = Decimal("NaN")
    if not usd.is_finite() or row["source"] not in sources:
        raise Defect(
            "price-book-broken",
            f"the row {dict(row)} has no known source or no readable price",
            next_step="Install Gaia again, and report this if it comes back.",
        )
    return Price(usd, row["unit"], row["source"], row["as_of"], row["method"])
