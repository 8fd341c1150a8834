"""From one instance's refreshed plan to findings, each with its cause.

First what terraform found changed or gone behind its back. Then each change that it plans: most only follow from one
of those, or from data and outputs that give another value; what is left was changed in the code, unless only applying
would tell whether anything changes at all.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from gaia.operations.drift import outside
from gaia.operations.drift.differing import differing, holds_new, shown, written
from gaia.operations.drift.model import KINDS, Attribute, Finding, Place
from gaia.operations.drift.reading import Reading, identity
from gaia.operations.drift.references import OUTPUT, base
from gaia.operations.drift.stateful import is_stateful
from gaia.terraform.addresses import only_read
from gaia.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gaia.operations.drift.model import Evidence, Role
    from gaia.operations.drift.references import Sources
    from gaia.terraform.plan import OutputChange, ResourceChange

    Step = Callable[[ResourceChange, Mapping[str, bool]], bool]

Cause = tuple[str, ...]
_TAINTED = "replace_because_tainted"


def classify(evidence: Evidence) -> tuple[Finding, ...]:
    """The findings of one instance, in the order of `KINDS`; nothing where all is as it should be."""
    reading = Reading(evidence)
    found = outside.found(reading)
    sorting = _Sorting(reading, found)
    sorting.run()
    findings = [*map(partial(_named, evidence), sorting.findings.values()), *_broken_rules(evidence)]
    return tuple(sorted(findings, key=lambda one: (KINDS.index(one.kind), one.title, one.cause)))


def wants_state(evidence: Evidence) -> bool:
    """Whether the state as it was stored would tell more than the plan does."""
    reading = Reading(evidence)
    reads_data = any(change.mode == "managed" and change.action != "no-op" for change in evidence.plan.resources)
    if reads_data and any(only_read(address) for address, _ in reading.relevant):
        return True
    return any(
        one.before is None and one.after is not None
        for change in evidence.plan.drift
        for one in differing(change.before, change.after)
        if change.after is not None
    )


def _named(evidence: Evidence, finding: Finding) -> Finding:
    """What is not applied of one component in the same way is one cause in all stacks."""
    if finding.cause[0] != "not applied":
        return finding
    changes = sorted({f"{base(one.address)} {one.would}" for one in finding.places})
    return replace(finding, cause=("not applied", evidence.code or evidence.instance, *changes))


def _broken_rules(evidence: Evidence) -> Iterable[Finding]:
    for reason, at in evidence.broken:
        cause = ("ignore rule", evidence.code, str(at), reason)
        place = Place(evidence.instance, "settings.gaia.drift.ignore")
        yield Finding("ignore rule", cause, str(at), (place,), reason=reason, at=at)


class _Sorting:
    """Each planned change goes to its cause."""

    def __init__(self, reading: Reading, found: outside.Found) -> None:
        self.reading, self.evidence = reading, reading.evidence
        self.findings: dict[Cause, Finding] = dict(found.findings)
        self.causes: dict[str, Cause] = {}
        """By address without keys: what its change follows from."""
        self.changed = found.changed
        self.left: list[tuple[ResourceChange, dict[str, bool]]] = list(found.left)

    def run(self) -> None:
        """Direct evidence first, then what follows from that, then the code, then what nobody can tell."""
        self._pass(self._tainted)
        self._pass(self._direct)
        self._settle(self._follows)
        for change, tops in self.left:
            if change.mode == "managed" and (any(tops.values()) or not tops):
                self._by_code(change, tops)
        self.left = [one for one in self.left if one[0].mode == "data" or (one[1] and not any(one[1].values()))]
        self._settle(self._follows)
        for change, tops in self.left:
            if change.mode == "managed":
                self._undecided(change, tops)
        for output in self.evidence.plan.outputs:
            if output.actions != ("no-op",):
                self._output(output)

    def _pass(self, step: Step) -> bool:
        """Whether the step found a cause for anything that is left."""
        before = len(self.left)
        self.left = [(change, tops) for change, tops in self.left if not step(change, tops)]
        return len(self.left) < before

    def _settle(self, step: Step) -> None:
        while self._pass(step):
            pass

    def _sources(self, change: ResourceChange, tops: Mapping[str, bool]) -> Sources:
        configuration = self.reading.configuration
        if change.mode == "data":
            return configuration.sources(change.address)
        loop = configuration.loop_sources(change.address)
        return loop.joined(configuration.sources(change.address, frozenset(tops))) if tops else loop

    def _tainted(self, change: ResourceChange, _tops: Mapping[str, bool]) -> bool:
        """What terraform itself has marked for replacement: nothing about it is left to guess."""
        if change.reason != _TAINTED:
            return False
        cause = ("tainted", self.evidence.instance, change.address)
        reason = "it was cut off while it was made, or tainted; an apply replaces it"
        self.findings[cause] = Finding("not applied", cause, change.address, (), reason=reason)
        self._add(cause, change.address, change.action, change)
        return True

    def _direct(self, change: ResourceChange, tops: Mapping[str, bool]) -> bool:
        sources = self._sources(change, tops)
        return self._by_sources(change.address, sources, _would(change, tops), change.before, change.after, change)

    def _by_sources(
        self, address: str, sources: Sources, would: str, before: object, after: object, change: ResourceChange | None
    ) -> bool:
        reads = self.reading.reads(sources)
        for name, attribute in sorted(reads):
            attributes = self.changed.get(name)
            if attributes is not None and (not attributes[1] or attribute in ("", *attributes[1])):
                self._add(attributes[0], address, would, change)
                return True
        for name, attribute in sorted(reads):
            for full in self.reading.moved(name, attribute):
                self._add(self._data(full, attribute), address, would, change)
                return True
        for name in sorted(self.reading.fed(sources)):
            if holds_new(before, after, self.reading.variables.get(name)):
                self._add(self._input(name), address, would, change)
                return True
        return False

    def _follows(self, change: ResourceChange, tops: Mapping[str, bool]) -> bool:
        for name in sorted({name for name, _ in self.reading.reads(self._sources(change, tops))}):
            if name in self.causes and name != base(change.address):
                self._add(self.causes[name], change.address, _would(change, tops), change)
                return True
        return False

    def _add(self, cause: Cause, address: str, would: str, change: ResourceChange | None) -> None:
        finding = self.findings[cause]
        role: Role = "changed" if finding.kind in ("not applied", "undecided") else "follows"
        place = Place(self.evidence.instance, address, role, would)
        loses = finding.loses
        if change is not None and change.action in ("replace", "delete") and is_stateful(change.type):
            loses = (*loses, address)
        places = finding.places if place in finding.places else (*finding.places, place)
        self.findings[cause] = replace(finding, places=places, loses=loses)
        self.causes.setdefault(base(address), cause)

    def _data(self, address: str, attribute: str) -> Cause:
        """The finding that a data source gives another value; the thing's own where it is known to be changed."""
        reading = self.reading
        before, now = reading.stored_data[address], reading.data[address]
        scope = self.evidence.scope
        cause = identity(now.type, now.values, scope) or ("data", self.evidence.instance, address)
        was, value = (one.values.get(attribute) if attribute else one.values for one in (before, now))
        start = (attribute,) if attribute else ()
        attributes = tuple(
            Attribute(
                written(one.path),
                shown(one.before, now.sensitive, one.path, self.evidence.hide),
                shown(one.after, now.sensitive, one.path, self.evidence.hide),
                relevant=reading.is_relevant(address, one.top),
                read_by=reading.configuration.readers(address, one.top),
            )
            for one in differing(was, value, start)
        )
        place = Place(self.evidence.instance, address, "reads")
        known = self.findings.get(cause)
        if known is None:
            title = f"{now.type} {now.values.get('id') or address}"
            self.findings[cause] = Finding("read from elsewhere", cause, title, (place,), attributes)
        else:
            fresh = tuple(one for one in attributes if one.path not in {old.path for old in known.attributes})
            places = known.places if place in known.places else (*known.places, place)
            self.findings[cause] = replace(known, places=places, attributes=(*known.attributes, *fresh))
        return cause

    def _input(self, name: str) -> Cause:
        source = self.evidence.inputs[name][0]
        cause = ("output", source)
        place = Place(self.evidence.instance, f"var.{name}", "reads")
        known = self.findings.get(cause, Finding("read from elsewhere", cause, source, ()))
        if place not in known.places:
            known = replace(known, places=(*known.places, place))
        self.findings[cause] = known
        return cause

    def _by_code(self, change: ResourceChange, tops: Mapping[str, bool]) -> None:
        self._add(self._code(), change.address, _would(change, tops), change)

    def _code(self) -> Cause:
        """What of the code is not applied; where that is known to be the same, something elsewhere that has no name."""
        instance = self.evidence.instance
        if self.evidence.same_code:
            cause: Cause = ("elsewhere", instance)
            reason = "the last apply was of the same commit: it was partial, or something that is read has moved"
            made = Finding("read from elsewhere", cause, instance, (), reason=reason)
        else:
            cause = ("not applied", instance)
            made = Finding("not applied", cause, self.evidence.code or instance, ())
        self.findings.setdefault(cause, made)
        return cause

    def _undecided(self, change: ResourceChange, tops: Mapping[str, bool]) -> None:
        cause = ("undecided", self.evidence.instance, change.address)
        attributes = tuple(Attribute(name, "", UNKNOWN) for name in sorted(tops))
        reason = "only applying would tell whether anything changes"
        made = Finding("undecided", cause, change.address, (), attributes, reason=reason)
        self.findings[cause] = made
        self._add(cause, change.address, _would(change, tops), change)

    def _output(self, output: OutputChange) -> None:
        address, sources = OUTPUT + output.name, self.reading.configuration.output_sources(output.name)
        body = self.evidence.plan.raw.get("output_changes")
        change = body.get(output.name) if isinstance(body, dict) else None
        before = change.get("before") if isinstance(change, dict) else None
        would = " then ".join(output.actions)
        if self._by_sources(address, sources, would, before, output.after, None):
            return
        for name in sorted({name for name, _ in self.reading.reads(sources)}):
            if name in self.causes:
                self._add(self.causes[name], address, would, None)
                return
        if not output.unknown:
            self._add(self._code(), address, would, None)


def _would(change: ResourceChange, tops: Mapping[str, bool]) -> str:
    """What an apply would do there."""
    if change.action == "no-op":
        return "import" if change.import_id else "move"
    names = ", ".join(sorted(tops))
    return f"{change.action}: {names}" if names else change.action
