"""Which variables of a component a finding goes back to, by what the plan says of its configuration. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_list, as_map
from gaia.policy.rego import words
from gaia.policy.report import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
_VARIABLE = re.compile(r"\bvar\.([A-Za-z_][\w-]*)")
_LOCAL = re.compile(r"\blocal\.([A-Za-z_][\w-]*)")
_DEEPEST = 20
"""Steps from a resource to a variable; a plan that is no plan of Terraform's may go round."""


def split_address(address: str) -> tuple[tuple[str, ...], str]:
    """The modules of a resource's address and its `TYPE.NAME`, all without indices.

    >>> split_address('module.a["x.y"].module.b.aws_s3_bucket.this[0]')
    (('a', 'b'), 'aws_s3_bucket.this')
    """
    words = _INDEX.sub("", address).split(".")
    modules = []
    while len(words) > 2 and words[0] == "module":
        modules.append(words[1])
        words = words[2:]
    return tuple(modules), ".".join(words)


class Configuration:
    """A plan's configuration; `local_text` says what a module's local value is made of, which no plan does."""

    def __init__(
        self, plan: Mapping[str, object], local_text: Callable[[tuple[str, ...], str], str] = lambda _modules, _name: ""
    ) -> None:
        self._root = as_map(as_map(plan.get("configuration")).get("root_module"))
        self._local_text = local_text
        self._found: dict[tuple[str, ...], dict[str, Mapping[str, object]]] = {}

    def causes(self, address: str, rule_text: str) -> tuple[Cause, ...]:
        """The root's variables that make the attributes a rule reads, by attribute; of all of them where it names none.

        What a rule reads is told by its code: a name of an attribute that stands in it.
        """
        modules, name = split_address(address)
        resource = self._resource(modules, name)
        expressions = dict(as_map(resource.get("expressions")))
        for kind in ("for_each", "count"):
            if f"{kind}_expression" in resource:
                expressions[kind] = resource[f"{kind}_expression"]
        read = words(rule_text) & expressions.keys()
        found = [
            Cause(attribute, variable)
            for attribute in sorted(read or expressions)
            for variable in sorted(set(self._variables(modules, _references(expressions[attribute]), _DEEPEST)))
        ]
        return tuple(dict.fromkeys(found))

    def written(self, address: str) -> frozenset[str]:
        """The attributes and blocks that the code of a resource writes."""
        return frozenset(as_map(self._resource(*split_address(address)).get("expressions")))

    def references(self, address: str) -> dict[str, tuple[str, ...]]:
        """What each attribute that the code of a resource writes refers to."""
        expressions = as_map(self._resource(*split_address(address)).get("expressions"))
        return {name: tuple(_references(expression)) for name, expression in expressions.items()}

    def call(self, modules: tuple[str, ...]) -> Mapping[str, object]:
        """The call of a module, as the plan has it."""
        module: Mapping[str, object] = self._root
        called: Mapping[str, object] = {}
        for name in modules:
            called = as_map(as_map(module.get("module_calls")).get(name))
            module = as_map(called.get("module"))
        return called

    def _module(self, modules: tuple[str, ...]) -> Mapping[str, object]:
        return as_map(self.call(modules).get("module")) if modules else self._root

    def _resource(self, modules: tuple[str, ...], name: str) -> Mapping[str, object]:
        if modules not in self._found:  # once, for there may be as many findings as resources
            resources = map(as_map, as_list(self._module(modules).get("resources")))
            self._found[modules] = {str(one.get("address")): one for one in resources}
        return self._found[modules].get(name, {})

    def _variables(self, modules: tuple[str, ...], references: Iterator[str], left: int) -> Iterator[str]:
        """The root's variables behind some references of a module."""
        if not left:
            return
        for reference in references:
            if variable := _VARIABLE.match(reference):
                if not modules:
                    yield variable[1]
                    continue
                given = as_map(self.call(modules).get("expressions")).get(variable[1])
                yield from self._variables(modules[:-1], _references(given), left - 1)
            elif local := _LOCAL.match(reference):
                text = self._local_text(modules, local[1])
                named = (f"{kind}.{name}" for kind, pattern in _KINDS for name in pattern.findall(text))
                yield from self._variables(modules, named, left - 1)


_KINDS = (("var", _VARIABLE), ("local", _LOCAL))


def _references(expression: object) -> Iterator[str]:
    """The names in an expression, or in what a block holds."""
    if isinstance(expression, dict):
        references = expression.get("references")
        if isinstance(references, list):
            yield from (one for one in references if isinstance(one, str))
            return
        for inner in expression.values():
            yield from _references(inner)
    elif isinstance(expression, list):
        for inner in expression:
            yield from _references(inner)
