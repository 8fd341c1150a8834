"""The estimate as Gaia's own document: figures as texts, null for what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.cost.document import optional
from gaia.cost.formats.rows import projects, rows
from gaia.cost.summary import summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.cost.formats.rows import View


def figures(document: Mapping[str, Any], view: View) -> dict[str, object]:
    """`{totals, prices_as_of, projects, rows, unpriced, unsupported, by_use, assumed, warnings}`.

    Of a `diff` the rows are what changes.

    A row holds what it takes to compare it with a bill later: `resource` (its address), `name`, `unit`, `quantity`,
    `price`, and where the price is from and how old it is (`source`, `as_of`).
    """
    found = summary(document)
    return {
        "totals": found.totals(),
        "prices_as_of": found.prices_as_of,
        "projects": [
            {"name": name, "monthly": optional(after), "past_monthly": optional(before), "difference": optional(change)}
            for name, before, after, change in projects(document)
        ],
        "rows": [
            {
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
            for one in rows(document, view)
        ],
        "unpriced": list(found.unpriced),
        "unsupported": dict(found.unsupported),
        "by_use": list(found.pending),
        "assumed": list(found.range.assumed),
        "warnings": list(found.warnings),
    }
