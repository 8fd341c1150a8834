"""The price book: exact-match lookups, the source and age of every price.

What is shipped is in `prices/`: CSV files, and `book.sqlite`, which is made of them when Gaia is packaged, and in a
checkout when it is first asked for. Nearer is what `gaia prices refresh` has fetched, nearest what the user's own file
of prices and discounts says.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gaia.cost.private import Private, days_old
from gaia.cost.rows import PriceFiles
from gaia.cost.shelf import Shelf, write_shelf
from gaia.errors import Next, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from gaia.cost.model import Price, PriceKey

SHIPPED = Path(__file__).parent / "prices"
BOOK = "book.sqlite"
GLOBAL = "global"
"""The region of what is priced alike everywhere."""


class Prices(Protocol):
    """A dictionary of prices, or a shelf of them."""

    def get(self, place: tuple[str, PriceKey], /) -> Price | None:
        """The price of a region and key."""
        ...


@dataclass(frozen=True)
class PriceBook:
    """Prices by region and key."""

    prices: Prices
    sources: Mapping[str, str]
    """Where each source is, by name."""
    nearer: tuple[Prices, ...] = ()
    """What is asked before `prices`, the nearest first."""
    private: Private = field(default_factory=Private)
    today: date | None = None
    most_days: int | None = None
    """How old a price may be that is used; None: of any age."""

    @classmethod
    def open(
        cls,
        cache: Path | None = None,
        *,
        fetched: Path | None = None,
        private: Private | None = None,
        today: date | None = None,
        most_days: int | None = None,
    ) -> PriceBook:
        """The shipped book, with the prices of the shelf `fetched` before it where that exists.

        `cache` is where a book is made when the package's own folder takes no file. With `most_days`, no price is used
        that is older than that on `today`.

        Raises:
            Defect: `price-book-broken` when a row has no known source or no readable price.
            Unavailable: `price-book-unreadable`, `file-not-writable`.
            Invalid: `prices-invalid` where the unit of an own price is not the book's.
        """
        shelves = [shipped(cache)]
        if fetched is not None and fetched.exists():
            shelves.insert(0, Shelf(fetched))
        own = private or Private()
        own.hold_against(shelves)
        sources = {name: place for shelf in reversed(shelves) for name, place in shelf.sources.items()}
        return cls(shelves[-1], {**sources, **own.sources()}, tuple(shelves[:-1]), own, today, most_days)

    def price(self, region: str, key: PriceKey) -> Price | None:
        """The price, or None: a price that is not in the book is never guessed, nor taken from another region.

        Raises:
            Unavailable: `price-book-old` where it is older than it may be, or of a day that has not come.
        """
        found = self._found(region, key)
        if found and self.today is not None and self.most_days is not None:
            _check_age(found, region, key, self.today, self.most_days)
        return found

    def _found(self, region: str, key: PriceKey) -> Price | None:
        own = self.private.price(region, key)
        if own:
            return own
        for prices in (*self.nearer, self.prices):
            for place in (region, GLOBAL):
                found = prices.get((place, key))
                if found:
                    return self.private.discounted(region, key, found)
        return None


def shipped(cache: Path | None = None, folder: Path = SHIPPED, *, writable: bool | None = None) -> Shelf:
    """The book that comes with Gaia, made anew where its files have changed since."""
    files = PriceFiles.of(folder)
    if not files.files:
        return Shelf(folder / BOOK)
    digest = files.digest()
    places = [folder / BOOK, *([cache / "prices" / f"{digest[:16]}.sqlite"] if cache else [])]
    for path in places:
        shelf = _made_of(digest, path)
        if shelf:
            return shelf
    here = not cache or (os.access(folder, os.W_OK) if writable is None else writable)
    path = places[0] if here else places[-1]
    write_shelf(path, files.rows(), files.sources(), digest=digest)
    return Shelf(path)


def _made_of(digest: str, path: Path) -> Shelf | None:
    """The book at `path`, if it was made of these files; one that cannot be read is made anew."""
    try:
        shelf = Shelf(path)
    except Unavailable:
        return None
    if shelf.digest == digest:
        return shelf
    shelf.close()
    return None


def _check_age(price: Price, region: str, key: PriceKey, today: date, limit: int) -> None:
    age = days_old(price.as_of, today)
    if age is None or not -1 <= age <= limit:
        raise Unavailable(
            "price-book-old",
            f"the price of {key.service} {key.key} in {region} is of {price.as_of or 'no day'}, "
            f"and those that are used may be {limit} days old (GAIA_PRICES_MAX_DAYS)",
            next_step=Next(
                "prices refresh",
                words="Fetch new ones, or allow older prices",
                options=() if region == GLOBAL else ("--region", region),
            ),
        )
