"""Which resources an attribute refers to: by equal values where they are known, else by the expressions of a plan.

Expressions are followed through variables up to the call of a module, and through outputs down into one. Locals are not
in plan JSON: behind one, only equal values tell.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gaia.cost.configuration import INDEX, Index, index_of, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gaia.cost.configuration import Configuration, Path
    from gaia.cost.model import CostResource

_NAMES = (
    "id", "arn", "name", "identifier", "bucket", "family", "cluster_identifier", "replication_group_id", "cluster_id",
    "global_cluster_identifier", "allocation_id", "key_id", "function_name",
)  # fmt: skip
"""Attributes by whose value others name a resource of a type."""
_UNIQUE = ("id", "arn")
_MODULE = re.compile(rf"module\.(?P<name>[^.\[]+)(?P<index>{INDEX.pattern})?(?:\.(?P<output>[^.\[]+))?")
_RESOURCE = re.compile(rf"(?P<resource>[a-z][a-z0-9_]*\.[^.\[]+)(?P<index>{INDEX.pattern})?")
_NO_RESOURCE = ("local.", "data.", "count.", "each.", "path.", "self.", "terraform.")
_STEP = re.compile(r"(?P<name>[^.\[]+)(?:\[(?P<index>\d+)\])?")


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where an expression stands: in which module instance, of which member of a counted resource or call."""

    path: Path
    index: Index = None
    each: object = None
    """The expression of `for_each`, which `each.value` is from."""


class References:
    """The links among the resources of one moment; everything is indexed once, when it is first asked for."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._order: dict[str, int] = {}
        self._resources: list[CostResource] = []
        self._items: dict[str, Mapping[str, Any]] = {}
        self._placed: dict[tuple[Path, str], dict[Index, CostResource]] = defaultdict(dict)
        self._instances: dict[tuple[Path, str], dict[Index, None]] = defaultdict(dict)
        self._named: dict[str, dict[str, list[CostResource]]] = {}
        self._reverse: dict[tuple[str, str, str], dict[str, list[CostResource]]] = {}

    def add(self, resource: CostResource, item: Mapping[str, Any]) -> None:
        """One more resource, and the change in the plan that it is from."""
        self._order[resource.address] = len(self._resources)
        self._resources.append(resource)
        self._items[resource.address] = item
        path = path_of(item.get("module_address"))
        self._placed[path, f"{item['type']}.{item['name']}"][item.get("index")] = resource
        for depth, (name, index) in enumerate(path):
            self._instances[path[:depth], name][index] = None

    def refers(self, resource: CostResource, attribute: str, types: tuple[str, ...]) -> tuple[CostResource, ...]:
        """See `CostResource.refers`."""
        found = self._found(resource, attribute, types)
        if not found and _unknown(resource, attribute):
            resource.doubt(attribute)
        return found

    def _found(self, resource: CostResource, attribute: str, types: tuple[str, ...]) -> tuple[CostResource, ...]:
        equal = self._equal(list(_texts(_at(resource.values, attribute))), types)
        if len(equal) == 1:
            return tuple(equal.values())
        said = self._said(resource, attribute)
        said = {address: one for address, one in said.items() if not types or one.type in types}
        found = {address: one for address, one in equal.items() if address in said} or equal or said
        return tuple(sorted(found.values(), key=lambda one: self._order[one.address]))

    def referring(self, resource: CostResource, kind: str, attribute: str) -> tuple[CostResource, ...]:
        """See `CostResource.referring`."""
        key = (kind, attribute, resource.type)
        if key not in self._reverse:
            reverse: dict[str, list[CostResource]] = defaultdict(list)
            for other in self._resources:
                if other.type == kind:
                    for named in self._found(other, attribute, (resource.type,)):
                        reverse[named.address].append(other)
            self._reverse[key] = reverse
        return tuple(self._reverse[key].get(resource.address, ()))

    def _equal(self, values: list[str], types: tuple[str, ...]) -> dict[str, CostResource]:
        found: dict[str, CostResource] = {}
        for value in values:
            for kind in types or ("",):
                names = self._names(kind)
                # `table/orders`, `arn:aws:ecs:…:cluster/main` and `web:3` name what is called orders, main and web.
                forms = (value, value.rpartition("/")[2], value.rpartition(":")[2], value.partition(":")[0])
                named = next((names[form] for form in (forms if kind else forms[:1]) if form in names), ())
                found |= {one.address: one for one in named}
        return found

    def _names(self, kind: str) -> dict[str, list[CostResource]]:
        """What resources of a type are called; of every type, where none is given: what nothing else is called."""
        if kind not in self._named:
            names: dict[str, list[CostResource]] = defaultdict(list)
            for resource in self._resources:
                if kind in ("", resource.type):
                    called = (resource.values.get(name) for name in (_NAMES if kind else _UNIQUE))
                    for name in {one for one in called if isinstance(one, str) and one}:
                        names[name].append(resource)
            self._named[kind] = dict(names)
        return self._named[kind]

    def _said(self, resource: CostResource, attribute: str) -> dict[str, CostResource]:
        if resource.expressions is None:
            return {}
        item = self._items[resource.address]
        each = self._configuration.resource(item).get("for_each_expression")
        scope = _Scope(path_of(item.get("module_address")), item.get("index"), each)
        found: dict[str, CostResource] = {}
        for expression in _at(resource.expressions, attribute):
            found |= self._follow(expression, scope, frozenset())
        found.pop(resource.address, None)
        return found

    def _follow(self, expression: object, scope: _Scope, seen: frozenset[object]) -> dict[str, CostResource]:
        """The resources that an expression comes to."""
        references = list(_references(expression))
        place = (scope.path, tuple(references))
        if not references or place in seen:
            return {}
        seen |= {place}
        found: dict[str, CostResource] = {}
        for reference in references:
            if any(other != reference and other.startswith((f"{reference}.", f"{reference}[")) for other in references):
                continue  # each reference is listed with what it is a part of: `a.b[0].id`, `a.b[0]`, `a.b`
            if reference.startswith("var."):
                found |= self._variable(reference, scope, seen)
            elif reference.startswith("module."):
                found |= self._output(reference, scope, seen)
            elif not reference.startswith(_NO_RESOURCE):
                found |= {one.address: one for one in self._members(reference, scope)}
        if not found and any(reference.startswith("each.") for reference in references):
            return self._follow(scope.each, _Scope(scope.path, scope.index), seen)
        return found

    def _variable(self, reference: str, scope: _Scope, seen: frozenset[object]) -> dict[str, CostResource]:
        if not scope.path:
            return {}
        call = self._configuration.call(scope.path)
        name = re.split(r"[.\[]", reference, maxsplit=2)[1]
        outer = _Scope(scope.path[:-1], scope.path[-1][1], call.get("for_each_expression"))
        return self._follow((call.get("expressions") or {}).get(name), outer, seen)

    def _output(self, reference: str, scope: _Scope, seen: frozenset[object]) -> dict[str, CostResource]:
        said = _MODULE.match(reference)
        if not said:
            return {}
        outputs = self._configuration.module((*scope.path, (said["name"], None))).get("outputs") or {}
        # `module.a[each.key].id` is told as `module.a`: it is one of all outputs.
        names = [said["output"]] if said["output"] else list(outputs)
        found: dict[str, CostResource] = {}
        for index in _chosen(self._instances.get((scope.path, said["name"]), {}), said["index"], scope):
            inner = _Scope((*scope.path, (said["name"], index)))
            for name in names:
                found |= self._follow((outputs.get(name) or {}).get("expression"), inner, seen)
        return found

    def _members(self, reference: str, scope: _Scope) -> list[CostResource]:
        said = _RESOURCE.match(reference)
        if not said:
            return []
        members = self._placed.get((scope.path, said["resource"]), {})
        return [members[index] for index in _chosen(members, said["index"], scope)]


def _chosen(indices: Mapping[Index, object], said: str | None, scope: _Scope) -> Iterable[Index]:
    """Which members are meant: the one that is said, else the one with the index of who refers, else all."""
    if said:
        return [index for index in (index_of(said),) if index in indices]
    return [scope.index] if scope.index is not None and scope.index in indices else indices


def _at(node: object, attribute: str) -> Iterator[object]:
    """What stands at `launch_template[0].id`, or `launch_template.id` in each of several blocks."""
    nodes = [node]
    for step in _STEP.finditer(attribute):
        found: list[object] = []
        for one in nodes:
            inner = one.get(step["name"]) if isinstance(one, Mapping) else None
            members = inner if isinstance(inner, list) else [inner]
            found += members if step["index"] is None else members[int(step["index"]) :][:1]
        nodes = found
    yield from nodes


def _unknown(resource: CostResource, attribute: str) -> bool:
    """Whether it is configured to something that nobody can know before apply."""
    configured = resource.expressions is None or any(_at(resource.expressions, attribute))
    return configured and any(value is True for value in _at(resource.unknown, attribute))


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str) and value:
            yield value


def _references(expression: object) -> Iterator[str]:
    """Of an expression, or of every expression in a block."""
    if isinstance(expression, Mapping):
        if isinstance(expression.get("references"), list):
            yield from (one for one in expression["references"] if isinstance(one, str))
        else:
            for inner in expression.values():
                yield from _references(inner)
    elif isinstance(expression, list):
        for inner in expression:
            yield from _references(inner)
