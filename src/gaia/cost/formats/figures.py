"""The estimate as Gaia's own document: figures as texts, null for what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.cost.document import optional
from gaia.cost.formats.rows import projects
from gaia.cost.summary import summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.cost.formats.rows import View


def figures(document: Mapping[str, Any], view: View) -> dict[str, object]:
    """`{totals, prices_as_of, projects, rows, unpriced, failed, unsupported, by_use, assumed, warnings, …}`.

    Of a `diff` the rows are what changes.

    A row holds what it takes to compare it with a bill later: `resource` (its address), `name`, `unit`, `quantity`,
    `price`, and where the price is from and how old it is (`source`, `as_of`).
    """
    found = summary(document)
    return {
        "totals": found.totals(),
        "prices_as_of": found.prices_as_of,
        "projects": [
            {
                "name": one.name,
                "monthly": optional(one.figures.monthly),
                "past_monthly": optional(one.figures.past_monthly),
                "difference": optional(one.figures.diff_monthly),
                "partial": not one.figures.complete,
                "error": one.error,
            }
            for one in projects(document)
        ],
        "rows": [
            {
                "project": project.name,
                "depth": one.depth,
                "resource": one.resource,
                "name": one.name,
                "quantity": optional(one.quantity),
                "unit": one.unit or None,
                "price": optional(one.price),
                "source": one.source,
                "as_of": one.as_of,
                "monthly": optional(one.monthly),
                "unpriced": one.unpriced,
            }
            for project in projects(document)
            for one in project.rows(view)
        ],
        "unpriced": list(found.unpriced),
        "failed": list(found.failed),
        "unknown_until_apply": list(found.doubtful),
        "regions_assumed": list(found.regions),
        "unsupported": dict(found.unsupported),
        "by_use": list(found.pending),
        "assumed": list(found.range.assumed),
        "warnings": list(found.warnings),
    }
