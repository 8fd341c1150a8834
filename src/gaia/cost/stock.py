"""What the price book holds, for people: prices by service and region, their age and where they are from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.cost.private import days_old

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from gaia.cost.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Stock:
    """The prices of one service in one region, from one file."""

    service: str
    region: str
    prices: int
    oldest: str
    newest: str
    sources: tuple[str, ...]
    fetched: bool
    """Whether `gaia prices refresh` brought them, else they came with Gaia."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """The whole book. A price that was fetched goes before one that was shipped."""

    stocks: tuple[Stock, ...]
    newest: str
    days: int | None
    """The age of the newest price."""
    files: tuple[str, ...]
    private: str
    """The file of the user's own prices; empty without one."""
    damaged: str = ""
    """Why what was fetched cannot be read, and nothing can be priced; empty where it can."""

    @property
    def prices(self) -> int:
        """How many there are."""
        return sum(stock.prices for stock in self.stocks)


def holdings(shelves: Sequence[Shelf], today: date, private: str = "") -> Holdings:
    """Of the shipped book, and of what was fetched if there is such a shelf (the last one)."""
    stocks = [
        Stock(service, region, prices, oldest, newest, tuple(sorted(sources.split(","))), number > 0)
        for number, shelf in enumerate(shelves)
        for service, region, prices, oldest, newest, sources in shelf.counts()
    ]
    newest = max((shelf.newest for shelf in shelves), default="")
    return Holdings(
        tuple(stocks), newest, days_old(newest, today), tuple(str(shelf.path) for shelf in shelves), private
    )
