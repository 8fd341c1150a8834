"""Gaia's own engine as an `Estimator`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gaia.cost.estimate import estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.cost.book import PriceBook


@dataclass(frozen=True, slots=True)
class Embedded:
    """Prices with a book."""

    book: PriceBook
    name = "gaia"

    def estimate(
        self,
        plan: Mapping[str, Any],
        *,
        usage: Mapping[str, Any],
        project: str,
        region_default: str,
        parity: bool = False,
    ) -> dict[str, Any]:
        """See `Estimator`."""
        return estimate(
            plan, usage=usage, book=self.book, project=project, region_default=region_default, parity=parity
        )
