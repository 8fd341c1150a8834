"""A plan read for drift: what was planned at each address, and which data are not what they were."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gaia.kit import canonical
from gaia.kit.shapes import as_list, as_map
from gaia.operations.drift.differing import both_nothing, changing, means_the_same
from gaia.operations.drift.references import Configuration, base, relevant
from gaia.terraform.addresses import only_read
from gaia.terraform.state import index_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.operations.drift.differing import Differing
    from gaia.operations.drift.model import Evidence
    from gaia.operations.drift.references import Sources
    from gaia.terraform.plan import ResourceChange
    from gaia.terraform.state import State

MIRRORED = {"tags_all": "tags"}
"""Attributes in which a provider repeats another one."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a data source gave."""

    type: str
    values: Mapping[str, object] = field(repr=False)
    sensitive: object = field(default=False, repr=False)


class Reading:
    """The evidence of one instance, looked up by address."""

    def __init__(self, evidence: Evidence) -> None:
        raw = evidence.plan.raw
        self.evidence = evidence
        self.configuration = Configuration(raw)
        self.relevant = relevant(raw)
        self.planned = {one.address: one for one in evidence.plan.resources if not one.deposed}
        self.data = dict(_data_now(as_map(as_map(raw.get("prior_state")).get("values")).get("root_module")))
        self.stored_data = dict(_data_stored(evidence.stored)) if evidence.stored else {}
        self.stored = dict(_managed_stored(evidence.stored)) if evidence.stored else {}
        variables = as_map(raw.get("variables"))
        self.variables = {name: as_map(body).get("value") for name, body in variables.items()}

    def tops(self, change: ResourceChange) -> dict[str, bool]:
        """The top-level attributes that a planned change is about, each with whether its new value is known."""
        if change.action not in ("update", "replace"):
            return {}
        found = changing(change.before, change.after, change.after_unknown)
        written = {name for name in found if self.configuration.is_written(change.address, name)}
        known = {name for name, is_known in found.items() if is_known}
        for mirror, of in MIRRORED.items():
            if of in found:
                found.pop(mirror, None)
        # what is only computed changes because something else does
        return {name: name in known for name in found if name in written or name in known} or found

    def is_relevant(self, address: str, attribute: str) -> bool:
        """Whether terraform says that what it plans depends on an attribute."""
        return bool({(base(address), attribute), (base(address), "")} & self.relevant)

    def reads(self, sources: Sources) -> frozenset[tuple[str, str]]:
        """The attributes that may be behind an expression."""
        return sources.attributes | self.relevant if sources.by_local else sources.attributes

    def fed(self, sources: Sources) -> frozenset[str]:
        """The variables behind an expression that another instance's state gives."""
        inputs = frozenset(self.evidence.inputs)
        return inputs if sources.by_local else sources.variables & inputs

    def moved(self, address: str, attribute: str) -> Iterator[str]:
        """Addresses of a data source's instances that gave another value of an attribute at the last apply."""
        if not only_read(address):
            return
        for full, now in self.data.items():
            before = self.stored_data.get(full)
            if before is None or base(full) != address:
                continue
            pairs = (
                [(before.values.get(attribute), now.values.get(attribute))]
                if attribute
                else [(before.values.get(name), now.values.get(name)) for name in before.values]
            )
            if any(canonical.dumps(was) != canonical.dumps(value) for was, value in pairs):
                yield full

    def is_own(self, change: ResourceChange, one: Differing, *, planned: bool) -> bool:
        """Whether the provider alone makes this difference: it writes the same otherwise, or a newer one knows more.

        `planned`: an apply would change the attribute, so terraform itself does not take the two for the same.
        """
        if both_nothing(one.before, one.after):
            return True
        if planned:
            return False
        if means_the_same(one.before, one.after):
            return True
        stored = self.stored.get(change.address)
        written = self.configuration.is_written(change.address, one.top)
        if one.before is not None or stored is None or written:
            return False
        version, attributes = stored
        return one.top not in attributes or version < self.configuration.schema_version(change.address)


def identity(kind: str, values: object, scope: str) -> tuple[str, ...]:
    """What tells a thing from every other, wherever it is seen; nothing where it has no name."""
    known = values if isinstance(values, dict) else {}
    arn, name = known.get("arn"), known.get("id")
    if isinstance(arn, str) and arn:
        return ("thing", arn)
    return ("thing", scope, kind, name) if isinstance(name, str) and name else ()


def _data_now(module: object) -> Iterator[tuple[str, Data]]:
    for resource in as_list(as_map(module).get("resources")):
        entry = as_map(resource)
        if entry.get("mode") == "data":
            data = Data(str(entry.get("type")), as_map(entry.get("values")), entry.get("sensitive_values", False))
            yield str(entry.get("address")), data
    for child in as_list(as_map(module).get("child_modules")):
        yield from _data_now(child)


def _data_stored(state: State) -> Iterator[tuple[str, Data]]:
    for address, entry, instance in _instances(state, "data"):
        yield f"{address}", Data(str(entry.get("type")), as_map(instance.get("attributes")))


def _managed_stored(state: State) -> Iterator[tuple[str, tuple[int, Mapping[str, object]]]]:
    for address, _, instance in _instances(state, "managed"):
        version = instance.get("schema_version")
        yield address, (version if isinstance(version, int) else 0, as_map(instance.get("attributes")))


def _instances(state: State, mode: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for resource in as_list(state.raw.get("resources")):
        entry = as_map(resource)
        if entry.get("mode") != mode:
            continue
        name = f"{'data.' if mode == 'data' else ''}{entry.get('type')}.{entry.get('name')}"
        whole = f"{entry['module']}.{name}" if entry.get("module") else name
        for instance in as_list(entry.get("instances")):
            one = as_map(instance)
            if not one.get("deposed"):
                yield whole + index_suffix(one.get("index_key")), entry, one
