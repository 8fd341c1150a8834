"""What terraform found changed or gone when it refreshed: `resource_drift` of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.operations.drift.differing import differing, shown, written
from gaia.operations.drift.echoes import is_echo
from gaia.operations.drift.ignoring import reason_to_ignore
from gaia.operations.drift.model import Attribute, Finding, Place
from gaia.operations.drift.reading import MIRRORED, identity
from gaia.operations.drift.references import OUTPUT, base
from gaia.operations.drift.stateful import is_stateful
from gaia.terraform.values import union

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gaia.operations.drift.differing import Differing
    from gaia.operations.drift.model import Repair
    from gaia.operations.drift.reading import Reading
    from gaia.terraform.plan import ResourceChange

Cause = tuple[str, ...]


@dataclass
class Found:
    """What was found, and what is left to explain."""

    findings: dict[Cause, Finding] = field(default_factory=dict)
    changed: dict[str, tuple[Cause, frozenset[str]]] = field(default_factory=dict)
    """By address without keys: its cause, and the attributes in which others would notice; none where in all."""
    left: list[tuple[ResourceChange, dict[str, bool]]] = field(default_factory=list)
    """Planned changes that are not about putting this back, each with the attributes that are left of it."""


def found(reading: Reading) -> Found:
    """Sort `resource_drift`, and take from the planned changes what would put it back."""
    made = Found()
    drifted = [one for one in reading.evidence.plan.drift if one.mode == "managed" and not one.deposed]
    taken: dict[str, frozenset[str] | None] = {}
    for change in drifted:
        planned = reading.planned.get(change.address)
        if change.after is None:
            _gone(reading, made, change, planned)
            taken[change.address] = None
        else:
            taken[change.address] = _changed(reading, made, change, planned)
    _fold_echoes(made, drifted, reading.evidence.scope)
    for one in reading.evidence.plan.resources:
        if one.mode == "data" and one.action == "read":
            made.left.append((one, {}))
        elif one.changes:
            made.left.extend(_left(reading, one, taken))
    return made


def _left(
    reading: Reading, change: ResourceChange, taken: dict[str, frozenset[str] | None]
) -> Iterator[tuple[ResourceChange, dict[str, bool]]]:
    tops = reading.tops(change)
    if change.address not in taken or change.deposed or change.action == "delete":
        yield change, tops
        return
    names = taken[change.address]
    if names is None:  # gone, and made again
        if change.action != "create":
            yield change, tops
        return
    rest = {name: known for name, known in tops.items() if name not in names}
    if names and change.action == "replace":  # what is made anew has nothing of what the old one was given by itself
        rest = {name: known for name, known in rest.items() if reading.configuration.is_written(change.address, name)}
    # beside what is put back, the unknown is what changes with it
    if any(rest.values()) or (rest and not names):
        yield change, rest


def _gone(reading: Reading, made: Found, change: ResourceChange, planned: ResourceChange | None) -> None:
    evidence = reading.evidence
    thing = identity(change.type, change.before, evidence.scope) or ("at", evidence.instance, change.address)
    cause = ("gone", *thing)
    repair: Repair = "create" if planned is not None and planned.action == "create" else ""
    place = Place(evidence.instance, change.address, "changed", repair)
    made.findings[cause] = Finding("gone", cause, _title(change), (place,), repair=repair)
    made.changed[base(change.address)] = (cause, frozenset())


def _changed(reading: Reading, made: Found, change: ResourceChange, planned: ResourceChange | None) -> frozenset[str]:
    """Note what was changed; gives the attributes whose planned change would put it back."""
    back = reading.tops(planned) if planned is not None else {}
    everything = list(differing(change.before, change.after))
    names = {one.top for one in everything}
    everything = [one for one in everything if MIRRORED.get(one.top) not in names]
    own = [
        one
        for one in everything
        if reading.is_own(change, one, planned=one.top in back)
        or (one.top not in back and is_echo(reading, change, one))
    ]
    theirs = [one for one in everything if one not in own]
    if own:
        _note_own(reading, made, change, own)
    if not theirs:
        return frozenset()
    evidence = reading.evidence
    cause = identity(change.type, change.before, evidence.scope) or ("at", evidence.instance, change.address)
    attributes = tuple(_attribute(reading, change, one, put_back=one.top in back) for one in theirs)
    put_back = frozenset(one.top for one in theirs if one.top in back)
    repair = _repair(planned) if put_back else ""
    place = Place(evidence.instance, change.address, "changed", repair)
    loses = (change.address,) if repair in ("replace", "delete") and is_stateful(change.type) else ()
    known = made.findings.get(cause)
    if known is None:
        made.findings[cause] = Finding("changed outside", cause, _title(change), (place,), attributes, repair, loses)
    else:  # one thing at two addresses
        made.findings[cause] = replace(
            known, places=(*known.places, place), repair=known.repair or repair, loses=(*known.loses, *loses)
        )
    mirrors = {name for name, of in MIRRORED.items() if of in put_back}
    unknown = {name for name, is_known in back.items() if not is_known}
    noticed = frozenset() if repair == "replace" else frozenset({one.top for one in theirs} | unknown | mirrors)
    made.changed[base(change.address)] = (cause, noticed)
    return put_back | mirrors


def _note_own(reading: Reading, made: Found, change: ResourceChange, own: Sequence[Differing]) -> None:
    """One cause for all resources of a type."""
    cause = ("provider's own", change.provider, change.type)
    place = Place(reading.evidence.instance, change.address)
    attributes = tuple(_attribute(reading, change, one, put_back=False) for one in own)
    known = made.findings.get(cause)
    if known is None:
        made.findings[cause] = Finding("provider's own", cause, change.type, (place,), attributes)
        return
    fresh = tuple(one for one in attributes if one.path not in {old.path for old in known.attributes})
    made.findings[cause] = replace(known, places=(*known.places, place), attributes=(*known.attributes, *fresh))


def _attribute(reading: Reading, change: ResourceChange, one: Differing, *, put_back: bool) -> Attribute:
    marks, hide = union(change.before_sensitive, change.after_sensitive), reading.evidence.hide
    readers = reading.configuration.readers(change.address, one.top)
    far = {key for name in readers for key in reading.evidence.readers.get(name.removeprefix(OUTPUT), ())}
    evidence, path = reading.evidence, written(one.path)
    ignored = reason_to_ignore(evidence.rules, change.type, change.address, path, one.after, evidence.today)
    return Attribute(
        path,
        shown(one.before, marks, one.path, hide),
        shown(one.after, marks, one.path, hide),
        put_back,
        reading.is_relevant(change.address, one.top),
        (*readers, *sorted(far)),
        ignored,
    )


def _repair(planned: ResourceChange | None) -> Repair:
    if planned is None or planned.action not in ("update", "replace", "delete"):
        return ""
    return planned.action


def _title(change: ResourceChange) -> str:
    before = change.before if isinstance(change.before, dict) else {}
    name = before.get("id") or before.get("name") or change.address
    return f"{change.type} {name}"


def _fold_echoes(made: Found, drifted: Sequence[ResourceChange], scope: str) -> None:
    """What only shows that another thing was changed or is gone belongs to that one's finding.

    A bucket shows the policy that another resource sets; the settings of a bucket are gone with it.
    """
    for change in drifted:
        for other in drifted:
            if not other.type.startswith(f"{change.type}_") or not _names(other, change):
                continue
            whole, part = (_cause_in(made, one, scope) for one in (change, other))
            if whole is None or part is None or whole == part:
                continue
            if made.findings[whole].kind == "gone" == made.findings[part].kind:
                _fold(made, part, whole)
            elif made.findings[whole].kind == "changed outside" and not made.findings[whole].repair:
                _fold(made, whole, part)


def _names(other: ResourceChange, change: ResourceChange) -> bool:
    """Whether one of its values is the id of that."""
    whole = change.before if isinstance(change.before, dict) else {}
    part = other.before if isinstance(other.before, dict) else {}
    return bool(whole.get("id")) and whole["id"] in part.values()


def _cause_in(made: Found, change: ResourceChange, scope: str) -> Cause | None:
    thing = identity(change.type, change.before, scope)
    return next((cause for cause in (thing, ("gone", *thing)) if thing and cause in made.findings), None)


def _fold(made: Found, echo: Cause, into: Cause) -> None:
    old, new = made.findings.pop(echo), made.findings[into]
    places = (*new.places, *(replace(one, role="follows") for one in old.places))
    paths = {one.path for one in new.attributes}
    attributes = (*new.attributes, *(one for one in old.attributes if one.path not in paths))
    loses = tuple(dict.fromkeys((*new.loses, *old.loses)))
    made.findings[into] = replace(new, places=places, attributes=attributes, loses=loses)
    for address, (cause, names) in list(made.changed.items()):
        if cause == echo:
            made.changed[address] = (into, names)
