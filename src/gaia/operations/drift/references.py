"""What reads what in the code that a plan was made of, as far as terraform writes it into the plan.

It leaves out what locals stand for. Where an expression goes by one, everything that terraform calls relevant for the
plan may be behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_list, as_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]')
OUTPUT = "output."
"""Before the name of an output, where places are named by addresses."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What an expression reads."""

    attributes: frozenset[tuple[str, str]] = frozenset()
    """(address without keys, attribute); the attribute is empty where the whole resource is read."""
    variables: frozenset[str] = frozenset()
    """Variables of the root module."""
    by_local: bool = False
    """Whether a local stands in between."""

    @property
    def addresses(self) -> frozenset[str]:
        """Of resources and data sources, without keys."""
        return frozenset(address for address, _ in self.attributes)

    def joined(self, other: Sources) -> Sources:
        """Both."""
        return Sources(
            self.attributes | other.attributes, self.variables | other.variables, self.by_local or other.by_local
        )


@dataclass
class Configuration:
    """The `configuration` of a plan, read once."""

    raw: Mapping[str, object] = field(repr=False)
    _modules: dict[str, Mapping[str, object]] = field(default_factory=dict, repr=False)
    _expressions: dict[str, tuple[str, Mapping[str, object]]] = field(default_factory=dict, repr=False)
    _read: dict[tuple[str, str], set[str]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Find every module and resource."""
        self._walk("", as_map(as_map(self.raw.get("configuration")).get("root_module")))

    def sources(self, address: str, attributes: frozenset[str] | None = None) -> Sources:
        """What a resource reads, in these attributes or blocks or anywhere."""
        module, resource = self._expressions.get(base(address), ("", {}))
        found = Sources()
        for name, expression in as_map(resource.get("expressions")).items():
            if attributes is None or name in attributes:
                found = found.joined(self._resolved(module, expression, resource))
        if attributes is None:
            for reference in _texts(resource.get("depends_on")):
                found = found.joined(self._reference(module, reference, resource, frozenset()))
        return found

    def loop_sources(self, address: str) -> Sources:
        """What decides how many of a resource there are."""
        module, resource = self._expressions.get(base(address), ("", {}))
        found = self._resolved(module, resource.get("for_each_expression"), resource)
        return found.joined(self._resolved(module, resource.get("count_expression"), resource))

    def output_sources(self, name: str) -> Sources:
        """What an output of the root module reads."""
        output = as_map(as_map(self._modules[""].get("outputs")).get(name))
        return self._resolved("", output.get("expression"), {})

    def is_written(self, address: str, attribute: str) -> bool:
        """Whether the code gives a value to an attribute."""
        return attribute in as_map(self._expressions.get(base(address), ("", {}))[1].get("expressions"))

    def schema_version(self, address: str) -> int:
        """Of the resource's schema in the provider that planned."""
        version = self._expressions.get(base(address), ("", {}))[1].get("schema_version")
        return version if isinstance(version, int) else 0

    def readers(self, address: str, attribute: str) -> tuple[str, ...]:
        """Who reads an attribute directly: addresses without keys, and `output.NAME` of the root module, sorted."""
        if self._read is None:
            self._read = {}
            for name in self._expressions:
                self._note(name, self.sources(name))
            for name in as_map(self._modules[""].get("outputs")):
                self._note(OUTPUT + name, self.output_sources(name))
        found = self._read.get((base(address), attribute), set()) | self._read.get((base(address), ""), set())
        return tuple(sorted(found - {base(address)}))

    def _note(self, reader: str, sources: Sources) -> None:
        for one in sources.attributes:
            (self._read if self._read is not None else {}).setdefault(one, set()).add(reader)

    def _walk(self, path: str, module: Mapping[str, object]) -> None:
        self._modules[path] = module
        for resource in as_list(module.get("resources")):
            entry = as_map(resource)
            self._expressions[_joined(path, str(entry.get("address")))] = (path, entry)
        for name, call in as_map(module.get("module_calls")).items():
            self._walk(_joined(path, f"module.{name}"), as_map(as_map(call).get("module")))

    def _resolved(
        self, module: str, expression: object, resource: Mapping[str, object], seen: frozenset[str] = frozenset()
    ) -> Sources:
        found = Sources()
        for reference in _references(expression):
            found = found.joined(self._reference(module, reference, resource, seen))
        return found

    def _reference(self, module: str, reference: str, resource: Mapping[str, object], seen: frozenset[str]) -> Sources:
        step = f"{module} {reference}"
        if step in seen:
            return Sources()
        seen |= {step}
        parts = base(reference).split(".")
        match parts:
            case ["local", *_]:
                return Sources(by_local=True)
            case ["var", name, *_]:
                return self._variable(module, name, seen)
            case ["each" | "count", *_]:
                loop = "for_each_expression" if parts[0] == "each" else "count_expression"
                return self._resolved(module, resource.get(loop), resource, seen)
            case ["module", name, *rest]:
                return self._output(_joined(module, f"module.{name}"), rest[0] if rest else None, seen)
            case ["data", kind, name, *rest]:
                return Sources(frozenset({(_joined(module, f"data.{kind}.{name}"), rest[0] if rest else "")}))
            case ["path" | "terraform" | "self", *_]:
                return Sources()
            case [kind, name, *rest]:
                return Sources(frozenset({(_joined(module, f"{kind}.{name}"), rest[0] if rest else "")}))
        return Sources()

    def _variable(self, module: str, name: str, seen: frozenset[str]) -> Sources:
        if not module:
            return Sources(variables=frozenset({name}))
        parent, _, call = module.rpartition("module.")
        parent = parent.rstrip(".")
        caller = as_map(as_map(self._modules[parent].get("module_calls")).get(call))
        return self._resolved(parent, as_map(caller.get("expressions")).get(name), caller, seen)

    def _output(self, module: str, name: str | None, seen: frozenset[str]) -> Sources:
        found = Sources()
        for output, body in as_map(self._modules.get(module, {}).get("outputs")).items():
            if name in (None, output):
                found = found.joined(self._resolved(module, as_map(body).get("expression"), {}, seen))
        return found


def base(address: str) -> str:
    """An address, or a reference, without keys."""
    return _INDEX.sub("", address)


def relevant(raw: Mapping[str, object]) -> frozenset[tuple[str, str]]:
    """(address without keys, attribute) of what terraform says contributed to the plan's changes."""
    found = set()
    for entry in as_list(raw.get("relevant_attributes")):
        one = as_map(entry)
        path = as_list(one.get("attribute"))
        found.add((base(str(one.get("resource", ""))), str(path[0]) if path else ""))
    return frozenset(found)


def _references(expression: object) -> Iterator[str]:
    """The most exact ones: terraform lists `a.b` beside `a.b.c` too."""
    if isinstance(expression, list):
        for one in expression:
            yield from _references(one)
    elif isinstance(expression, dict):
        listed = expression.get("references")
        if isinstance(listed, list):
            names = [str(one) for one in listed]
            yield from (one for one in names if not any(other.startswith((f"{one}.", f"{one}[")) for other in names))
            return
        for child in expression.values():
            yield from _references(child)


def _joined(module: str, name: str) -> str:
    return f"{module}.{name}" if module else name


def _texts(value: object) -> list[str]:
    return [str(one) for one in as_list(value)]
