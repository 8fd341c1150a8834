"""Several estimates as one document: a request's instances are its projects, as root modules are Infracost's."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from gaia.cost.document import TOTALS, document, optional
from gaia.cost.estimate import counts
from gaia.cost.priced import add
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_ALL_TOTALS = (*TOTALS, *(f"{prefix}{name[0].upper()}{name[1:]}" for prefix in ("past", "diff") for name in TOTALS))


def combine(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All projects in one root object, its totals and counts their sums. Of no document: no project, and zero.

    A total is the sum of those that are known, null where none is.
    """
    if not documents:
        return _nothing()
    if len({project["name"] for document in documents for project in document["projects"]}) != len(documents):
        raise ValueError("project names must differ: readers match projects by name")
    root = dict(documents[0])
    root["projects"] = [project for document in documents for project in document["projects"]]
    with localcontext(prec=80):
        for name in _ALL_TOTALS:
            root[name] = optional(
                add(None if document[name] is None else Decimal(document[name]) for document in documents)
            )
    root["summary"] = _counts([document["summary"] for document in documents])
    return root


def part_of(document: Mapping[str, Any], projects: Collection[str]) -> dict[str, Any]:
    """The estimate of some of the projects of a document that `combine` made."""
    found = [project for project in document["projects"] if project["name"] in projects]
    if not found:
        return _nothing()
    root = {**document, "projects": found, "summary": _counts([project["summary"] for project in found])}
    with localcontext(prec=80):
        for prefix, name_of in (("", "breakdown"), ("past", "pastBreakdown"), ("diff", "diff")):
            for name in TOTALS:
                amounts = [project[name_of][name] for project in found]
                root[f"{prefix}{name[0].upper()}{name[1:]}" if prefix else name] = optional(
                    add(None if amount is None else Decimal(amount) for amount in amounts)
                )
    return root


def _nothing() -> dict[str, Any]:
    root = document(
        project="",
        past=(),
        current=(),
        changes=(),
        unsupported=(False, False),
        summary=counts(()),
        errors=(),
        warnings=(),
        generated=clock.rfc3339(clock.now()),
    )
    return {**root, "projects": []}


def _counts(summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {}
    for name, first in summaries[0].items():
        if isinstance(first, dict):
            total[name] = dict(sum((Counter(summary[name]) for summary in summaries), Counter()))
        else:
            total[name] = sum(summary[name] for summary in summaries)
    return total
