"""What things cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gaia.cost.book import PriceBook


def prices() -> PriceBook:
    """The book that comes with Gaia."""
    from gaia.cost.book import PriceBook

    return PriceBook.open()
