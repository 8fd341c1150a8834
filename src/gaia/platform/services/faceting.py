"""Services by what is known of them: which values there are, how many services have each, and those that have some."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.records.origins import FACETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.records.origins import Facet


@dataclass(frozen=True, slots=True)
class FacetView:
    """One thing that services are told apart by."""

    name: Facet
    chosen: str | None
    """The one value that is wanted; None: any."""
    values: tuple[tuple[str, int], ...]
    """Each value with how many of the services have it that have what is chosen of the other facets; most first."""


@dataclass(frozen=True, slots=True)
class FacetsView:
    """All of them, and how many services have everything that is chosen."""

    facets: tuple[FacetView, ...]
    number: int


def faceted(combinations: Sequence[tuple[Mapping[Facet, str], int]], chosen: Mapping[Facet, str]) -> FacetsView:
    """The facets of services that come in these combinations, each with how many there are of it."""
    found = []
    for name in FACETS:
        others = {each: value for each, value in chosen.items() if each != name}
        counts = Counter[str]()
        for values, number in combinations:
            if all(values[each] == value for each, value in others.items()):
                counts[values[name]] += number
        if name in chosen:
            counts[chosen[name]] += 0  # what is chosen is shown also where no service has it
        ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        found.append(FacetView(name, chosen.get(name), tuple(ordered)))
    all_of = (number for values, number in combinations if all(values[each] == one for each, one in chosen.items()))
    return FacetsView(tuple(found), sum(all_of))
