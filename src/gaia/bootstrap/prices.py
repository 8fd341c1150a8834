"""What things cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from gaia.cost.book import PriceBook
    from gaia.cost.private import Private
    from gaia.settings import Settings


def prices(settings: Settings) -> PriceBook:
    """The book that comes with Gaia, what was fetched since, and the user's own prices.

    Raises:
        Unavailable: `price-book-unreadable`, `price-book-old`, `prices-missing`. Invalid: `prices-invalid`.
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

    said = settings.environ.get("GAIA_PRICES_MAX_DAYS")
    if said and not said.isdecimal():
        raise Invalid(
            "prices-invalid",
            f"GAIA_PRICES_MAX_DAYS is {said!r}, not a number of days",
            next_step="Give a number, or unset it: prices may then be of any age.",
        )
    return int(said) if said else None
