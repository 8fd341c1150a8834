"""The findings of many instances, each cause once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.operations.drift.model import KINDS, Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gaia.operations.drift.model import Attribute, Finding, Scan


def together(scans: Iterable[Scan]) -> Report:
    """Where several instances show one cause, the finding is that of the instance where the thing itself is."""
    everything = sorted(scans, key=lambda one: one.instance)
    causes: dict[tuple[str, ...], Finding] = {}
    for scan in everything:
        for finding in scan.findings:
            known = causes.get(finding.cause)
            causes[finding.cause] = finding if known is None else _joined(known, finding)
    found = sorted(causes.values(), key=lambda one: (KINDS.index(one.kind), one.title, one.cause))
    return Report(tuple(everything), tuple(found))


def _joined(one: Finding, other: Finding) -> Finding:
    first, second = (one, other) if KINDS.index(one.kind) <= KINDS.index(other.kind) else (other, one)
    places = tuple(dict.fromkeys((*first.places, *second.places)))
    return replace(
        first,
        places=places,
        attributes=_attributes(first, second),
        repair=first.repair or second.repair,
        loses=tuple(dict.fromkeys((*first.loses, *second.loses))),
    )


def _attributes(first: Finding, second: Finding) -> tuple[Attribute, ...]:
    """One of two with the same path: what one instance lets be, another may not."""
    found = {one.path: one for one in first.attributes}
    for one in second.attributes:
        known = found.get(one.path)
        if known is None:
            found[one.path] = one
            continue
        readers = tuple(dict.fromkeys((*known.read_by, *one.read_by)))
        lets = known.ignored if first.kind != second.kind or one.ignored else ""
        relevant, back = known.relevant or one.relevant, known.put_back or one.put_back
        found[one.path] = replace(known, put_back=back, relevant=relevant, read_by=readers, ignored=lets)
    return tuple(found.values())
