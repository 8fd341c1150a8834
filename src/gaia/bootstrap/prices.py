"""What things cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from gaia.cost.book import PriceBook
    from gaia.cost.private import Private
    from gaia.cost.refresh import Fetched
    from gaia.cost.stock import Holdings
    from gaia.settings import Settings

_MOST_DAYS = 1_000_000
"""More than there are days since any price was made: of any age."""


def prices(settings: Settings) -> PriceBook:
    """The book that comes with Gaia, what was fetched since, and the user's own prices.

    Raises:
        Unavailable: `price-book-unreadable`, `prices-missing`. Invalid: `prices-invalid`.
    """
    from gaia.cost.book import PriceBook
    from gaia.kit import clock

    today = clock.now().date()
    return PriceBook.open(
        settings.cache,
        fetched=fetched(settings),
        private=_private(settings, today),
        today=today,
        most_days=_most_days(settings),
    )


def fetched(settings: Settings) -> Path:
    """Where `gaia prices refresh` puts what it fetches."""
    return settings.home / "prices.sqlite"


def _private(settings: Settings, today: date) -> Private | None:
    from gaia.cost.private import Private
    from gaia.errors import NotFound
    from gaia.kit import yaml

    if settings.prices is None:
        return None
    if not settings.prices.is_file():
        raise NotFound(
            "prices-missing",
            f"there is no file {settings.prices}, which GAIA_PRICES names",
            next_step="Write it, or unset GAIA_PRICES.",
        )
    place = str(settings.prices)
    return Private.read(yaml.read(settings.prices, place).value, place, today)


def _most_days(settings: Settings) -> int | None:
    from gaia.errors import Invalid
    from gaia.kit.numbers import whole
    from gaia.kit.visible import cut

    said = settings.environ.get("GAIA_PRICES_MAX_DAYS")
    days = whole(said, _MOST_DAYS) if said else None
    if said and days is None:
        raise Invalid(
            "prices-invalid",
            f"GAIA_PRICES_MAX_DAYS is {cut(said, 40)!r}, not a number of days",
            next_step="Give a number, or unset it: prices may then be of any age.",
        )
    return days


def holdings(settings: Settings) -> Holdings:
    """What the book holds; also where it is too old to be used."""
    from gaia.cost import stock
    from gaia.cost.book import shipped
    from gaia.cost.shelf import Shelf
    from gaia.errors import Unavailable
    from gaia.kit import clock

    shelves, damaged = [shipped(settings.cache)], ""
    try:
        shelves += [Shelf(near)] if (near := fetched(settings)).exists() else []
        return stock.holdings(shelves, clock.now().date(), str(settings.prices or ""))
    except Unavailable as error:
        damaged = error.message
    return replace(stock.holdings(shelves[:1], clock.now().date(), str(settings.prices or "")), damaged=damaged)


def _regions(shelf: Path) -> set[str]:
    """Of which something was fetched; none where that cannot be read."""
    from gaia.cost.shelf import Shelf
    from gaia.errors import Unavailable

    try:
        return {row[1] for row in Shelf(shelf).counts()} if shelf.exists() else set()
    except Unavailable:
        return set()


def refresh(
    settings: Settings,
    regions: Sequence[str],
    services: Sequence[str],
    *,
    accept: bool = False,
    on_progress: Callable[[str, int, int | None], None] = lambda _name, _here, _whole: None,
) -> Sequence[Fetched]:
    """Fetch AWS's public price lists; without regions those of the last time, without services all that Gaia knows.

    Raises:
        Invalid: `regions-missing` without regions, where nothing was fetched yet; see `gaia.cost.refresh`.
    """
    from gaia.cost import offer_rules, offers
    from gaia.cost import refresh as refreshing
    from gaia.cost.book import shipped
    from gaia.errors import Invalid, Next
    from gaia.terraform import download

    near, going = fetched(settings), ""
    wanted = list(regions) or sorted(_regions(near))
    if not wanted:
        raise Invalid(
            "regions-missing",
            "nobody has said of which regions prices are wanted",
            next_step=Next("prices refresh", words="Name them", options=("--region", "eu-west-1")),
        )

    def tell(name: str) -> None:
        nonlocal going
        going = name

    def fetch(url: str, target: Path) -> None:
        def progress(here: int, whole: int | None) -> None:
            on_progress(going, here, whole)

        download.fetch(url, target, environ=settings.environ, on_progress=progress, mirror="GAIA_PRICES_MIRROR")

    return refreshing.refresh(
        near,
        shipped(settings.cache),
        settings.cache / "prices",
        fetch,
        regions=wanted,
        services=list(services) or offer_rules.services(),
        accept=accept,
        host=settings.environ.get("GAIA_PRICES_MIRROR") or offers.HOST,
        tell=tell,
    )
