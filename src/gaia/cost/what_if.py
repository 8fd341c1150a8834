"""What another value of a variable would cost, without another plan: where the variable goes as it is into attributes.

Plan JSON says what an expression refers to, and not what it does; it holds neither locals nor dynamic blocks. So a
variable is followed only where expressions refer to nothing else, what they come to is the variable's own value, and no
local that it could be behind goes into anything that has a price. Otherwise a plan has to tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from gaia.cost.block import MOST
from gaia.cost.configuration import INDEX, path_of
from gaia.cost.priced import SENSITIVE
from gaia.cost.resources import builder
from gaia.cost.shape import managed
from gaia.errors import Invalid

Names = tuple[str, ...]
"""A module: the names of the calls that lead to it."""
Step = str | int
Path = tuple[Step, ...]
Patches = dict[str, list[tuple[Path, object, object]]]
"""By address: where, what stands there if the variable does, and what is to."""
_NO_PRICE = frozenset(("tags", "tags_all", "name", "name_prefix", "identifier", "bucket", "description", "policy"))
"""Attributes on which no price depends."""


class NeedsPlan(Exception):
    """Only a plan tells what the change costs; the text says why."""


@dataclass(frozen=True, slots=True)
class _Use:
    """An attribute of a resource that is a variable."""

    module: Names
    resource: str
    path: Path


def changed(plan: Mapping[str, Any], values: Mapping[str, object]) -> dict[str, Any]:
    """The plan from what `plan` leads to, to the same with other values of variables of its root.

    Raises:
        NeedsPlan: a variable does not map directly onto attributes. Invalid: `variable-unknown`.
    """
    after: Patches = {}
    configuration = (plan.get("configuration") or {}).get("root_module") or {}
    for name, value in values.items():
        known = _current(plan, configuration, name)
        uses = list(_uses(configuration, name, name, ()))
        if not uses:
            raise NeedsPlan(f"{name} goes into no attribute directly")
        for use in uses:
            _check_unread(configuration, use)
            found = [item for item in managed(plan) if _is_of(item, use)]
            for item in found:
                after.setdefault(item["address"], []).append((use.path, known, value))
    return between(plan, {**plan, "resource_changes": [_patched(item, after) for item in managed(plan)]})


def between(now: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    """The plan from what one plan leads to, to what another leads to."""
    earlier = {item["address"]: item["change"] for item in managed(now)}
    items = []
    for item in managed(then):
        was = earlier.pop(item["address"], {})
        change = {**item["change"], "before": was.get("after"), "before_unknown": was.get("after_unknown")}
        items.append({**item, "change": change})
    items += [
        {**item, "change": {"before": item["change"].get("after"), "after": None, "actions": ["delete"]}}
        for item in managed(now)
        if item["address"] in earlier
    ]
    return {**then, "resource_changes": items}


def _current(plan: Mapping[str, Any], root: Mapping[str, Any], name: str) -> object:
    declared = root.get("variables") or {}
    if name not in declared:
        raise Invalid(
            "variable-unknown",
            f"the code has no variable {name}",
            next_step=f"It has {', '.join(sorted(declared)) or 'none'}.",
        )
    given = plan.get("variables") or {}
    return given[name].get("value") if name in given else declared[name].get("default")


def _uses(module: Mapping[str, Any], variable: str, said: str, names: Names) -> Iterator[_Use]:
    """All attributes that are the variable, in a module and in those that it calls."""
    reference = f"var.{variable}"
    _check_outputs(module, reference, said, names)
    for resource in module.get("resources") or ():
        address = resource["address"]
        _check_number(resource, reference, said, _at(names, address))
        for path, found in _expressions(resource.get("expressions") or {}):
            place = f"{_at(names, address)}.{'.'.join(map(str, path))}"
            if _is_variable(found, reference, said, place):
                if resource.get("mode") != "managed":
                    raise NeedsPlan(f"what {_at(names, address)} reads depends on {said}")
                yield _Use(names, address, path)
            elif builder(resource["type"]) and path[0] not in _NO_PRICE:
                _check_local(found, said, place)
    for name, call in (module.get("module_calls") or {}).items():
        inner = (*names, name)
        _check_number(call, reference, said, _at(inner))
        for argument, found in (call.get("expressions") or {}).items():
            if _is_variable(found, reference, said, f"{_at(inner)}.{argument}"):
                yield from _uses(call.get("module") or {}, argument, said, inner)
            elif argument not in _NO_PRICE:
                _check_local(found, said, f"{_at(inner)}.{argument}")


def _is_variable(expression: Mapping[str, Any], reference: str, said: str, place: str) -> bool:
    """Whether an expression refers to the variable, and to nothing else."""
    heads = set(_heads(expression))
    if reference in heads and (heads != {reference} or "references" not in expression):
        raise NeedsPlan(f"{place} is made of {said} and more")
    return reference in heads


def _check_number(node: Mapping[str, Any], reference: str, said: str, address: str) -> None:
    for key in ("count_expression", "for_each_expression"):
        _check_free(node.get(key), reference, said, f"how many there are of {address}")


def _check_outputs(module: Mapping[str, Any], reference: str, said: str, names: Names) -> None:
    """What a module gives to others must not depend on the variable; what the root gives goes nowhere."""
    for name, output in (module.get("outputs") or {}).items() if names else ():
        _check_free(output.get("expression"), reference, said, f"the output {_at(names)}.{name}")


def _check_free(expression: object, reference: str, said: str, what: str) -> None:
    if reference in _heads(expression):
        raise NeedsPlan(f"{what} depends on {said}")
    _check_local(expression, said, what)


def _check_local(expression: object, said: str, what: str) -> None:
    if any(head.startswith("local.") for head in _heads(expression)):
        raise NeedsPlan(f"{what} depends on a local, which may depend on {said}")


def _check_unread(root: Mapping[str, Any], use: _Use) -> None:
    """Refuse an attribute that something else is made of."""
    module = root
    for name in use.module:
        module = (module.get("module_calls") or {}).get(name, {}).get("module") or {}
    attribute = f"{use.resource}.{use.path[0]}"
    parts = [(module.get("module_calls") or {}), (module.get("outputs") or {}) if use.module else {}]
    whole: list[object] = [module.get("resources") or [], *parts]
    for expression in _nested(whole):
        heads = [INDEX.sub("", one) for one in expression]
        read = any(head == attribute or head.startswith(f"{attribute}.") for head in heads)
        if read or (use.resource in heads and not any(head.startswith(f"{use.resource}.") for head in heads)):
            raise NeedsPlan(f"something else is made of {_at(use.module, attribute)}")


def _nested(node: object) -> Iterator[list[str]]:
    """The references of every expression in a part of the configuration; not of what modules hold themselves."""
    if isinstance(node, Mapping):
        if isinstance(node.get("references"), list):
            yield node["references"]
            return
        for name, inner in node.items():
            if name != "module":
                yield from _nested(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _nested(inner)


def _expressions(node: object, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Each expression of a resource, with its place."""
    if isinstance(node, Mapping):
        if "references" in node or "constant_value" in node:
            yield path, node
        else:
            for name, inner in node.items():
                yield from _expressions(inner, (*path, name))
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from _expressions(inner, (*path, number))


def _heads(expression: object) -> list[str]:
    """`var.a` of `var.a.b[0]`; as Terraform lists `var.a.b` and `var.a` besides, what is longer counts as more."""
    return [one for references in _nested(expression) for one in references]


def _is_of(item: Mapping[str, Any], use: _Use) -> bool:
    names = tuple(name for name, _ in path_of(item.get("module_address")))
    return names == use.module and f"{item['type']}.{item['name']}" == use.resource


def _patched(item: dict[str, Any], after: Patches) -> dict[str, Any]:
    change = item["change"]
    if item["address"] not in after or change.get("after") is None:
        return item
    values = deepcopy(change["after"])
    for path, known, value in after[item["address"]]:
        holder: Any = values
        for step in path[:-1]:
            holder = _step(holder, step, item["address"])
        now = _step(holder, path[-1], item["address"])
        place = f"{item['address']}.{'.'.join(map(str, path))}"
        shown = SENSITIVE if _is_sensitive(change.get("after_sensitive"), path) else repr(now)
        if _text(now) != _text(known) or known is None:
            raise NeedsPlan(f"{place} is {shown}, not the variable as it is")
        if not _fits(now, value):
            raise NeedsPlan(f"{place} is {shown}, and {value!r} is no such thing")
        holder[path[-1]] = value
    return {**item, "change": {**change, "after": values}}


def _step(holder: Any, step: Step, address: str) -> Any:  # noqa: ANN401 - a value in plan JSON
    try:
        return holder[step]
    except (KeyError, IndexError, TypeError) as error:
        raise NeedsPlan(f"{address} has no known {step}") from error


def _fits(now: object, value: object) -> bool:
    """Whether terraform would take the value in the place of what stands there, and know it: null is the provider's."""
    if value is None:
        return False
    if isinstance(now, bool):
        return _text(value) in ("true", "false")
    if isinstance(now, int | float):
        try:
            return not isinstance(value, bool) and _is_quantity(Decimal(str(value)), now)
        except InvalidOperation:
            return False
    return isinstance(value, type(now)) or (isinstance(now, str) and isinstance(value, int | float))


def _is_quantity(number: Decimal, now: float) -> bool:
    """Whether terraform could take a number: nothing goes below zero that is not there already."""
    return number.is_finite() and abs(number) <= MOST and (number >= 0 or now < 0)


def _is_sensitive(mask: object, path: Path) -> bool:
    for step in path:
        if mask is True:
            return True
        within = isinstance(mask, list) and isinstance(step, int) and step < len(mask)
        mask = mask.get(step) if isinstance(mask, Mapping) else mask[step] if within else None  # type: ignore[index, unused-ignore]
    return mask is True


def _text(value: object) -> str:
    """Terraform turns numbers and truth values into texts and back, as an attribute wants them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _at(names: Names, inner: str = "") -> str:
    return ".".join([*(f"module.{name}" for name in names), *([inner] if inner else [])])
