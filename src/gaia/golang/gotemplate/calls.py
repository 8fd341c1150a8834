"""Calling a function of a template: how many arguments of which Go types it takes, read off its Python annotations.

`def repeat(count: int, text: str) -> str` takes an `int` and a `string`; `object` is `interface{}`, `*rest` variadic.
`Raw` marks a parameter that also takes an absent value (`MISSING`), as Go's `reflect.Value` does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Final, NamedTuple

from gaia.golang.gotemplate.values import (
    MAX_ITEMS,
    MAX_TEXT,
    MISSING,
    Failure,
    Int64,
    Object,
    is_list,
    is_map,
    type_name,
)

if TYPE_CHECKING:
    from gaia.golang.gotemplate.nodes import Literal

Raw = object
"""Annotation of a parameter that tells an absent value from nil."""

_NAMES: Final = {
    "str": "string", "int": "int", "float": "float64", "bool": "bool", "object": "interface {}", "Raw": "reflect.Value",
    "Int64": "int64", "dict[str, object]": "map[string]interface {}", "Mapping[str, object]": "map[string]interface {}",
    "list[object]": "[]interface {}", "list[str]": "[]string", "Strings": "[]string", "bytes": "[]uint8",
}  # fmt: skip

_NEVER_NIL: Final = frozenset(("string", "int", "int64", "float64", "bool"))


class Signature(NamedTuple):
    """The Go types of the fixed parameters, and the one of the variadic parameter."""

    fixed: tuple[str, ...]
    rest: str | None


_SIGNATURES: Final[dict[object, Signature]] = {}


def definition(function: Callable[..., object]) -> object:
    """What functions made by the same `def` have in common: known once for all of them, and keeping none alive."""
    if isinstance(function, FunctionType):
        return function.__code__
    return function.__func__ if isinstance(function, MethodType) else function


def signature(function: Callable[..., object]) -> Signature:
    """What `function` takes; one that cannot be inspected takes anything."""
    made = definition(function)
    kinds = _SIGNATURES.get(made)
    if kinds is None:
        kinds = _inspected(function)
        if made is not function:
            _SIGNATURES[made] = kinds
    return kinds


def _inspected(function: Callable[..., object]) -> Signature:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return Signature((), "interface {}")
    fixed: list[str] = []
    rest: str | None = None
    for parameter in parameters:
        go_type = _go_type(parameter.annotation)
        if parameter.kind is parameter.VAR_POSITIONAL:
            rest = go_type
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            fixed.append(go_type)
    return Signature(tuple(fixed), rest)


def _go_type(annotation: object) -> str:
    name = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "object")
    if name in _NAMES:
        return _NAMES[name]
    return f"*{name}" if isinstance(annotation, str) and name[:1].isupper() and name.isidentifier() else "interface {}"


def constant(literal: Literal, go_type: str) -> object:
    """The value of a literal where a parameter of `go_type` stands; numbers follow the parameter.

    Raises:
        Failure: it cannot stand there.
    """
    value = literal.value
    if go_type in ("interface {}", "reflect.Value"):
        return value
    if go_type == "string":
        if isinstance(value, str):
            return value
        raise Failure(f"expected string; found {literal.text}", literal.at)
    if go_type == "bool":
        if isinstance(value, bool):
            return value
        raise Failure(f"expected bool; found {literal.text}", literal.at)
    numeric = not isinstance(value, (str, bool))
    if go_type in ("int", "int64"):
        if numeric and literal.whole is not None:
            return literal.whole if go_type == "int" else Int64(literal.whole)
        raise Failure(f"expected integer; found {literal.text}", literal.at)
    if go_type == "float64":
        if numeric:
            return float(value)
        raise Failure(f"expected float; found {literal.text}", literal.at)
    raise Failure(f"can't handle {literal.text} for arg of type {go_type}", literal.at)


def nothing(go_type: str, at: int) -> object:
    """The value of `nil` where a parameter of `go_type` stands."""
    if go_type in _NEVER_NIL:
        raise Failure(f"cannot assign nil to {go_type}", at)
    return empty(go_type)


def empty(go_type: str) -> object:
    """Go's zero value of a type that can be nil."""
    if go_type.startswith("map["):
        return {}
    return [] if go_type.startswith("[]") else MISSING if go_type == "reflect.Value" else None


def checked(value: object, go_type: str) -> object:
    """`value` as a parameter of `go_type` takes it.

    Raises:
        Failure: its type is another one.
    """
    if go_type == "interface {}":
        return None if value is MISSING else value
    if go_type == "reflect.Value":
        return value
    if value is MISSING:
        if go_type in _NEVER_NIL:
            raise Failure(f"invalid value; expected {go_type}")
        return empty(go_type)
    if value is None:
        raise Failure(f"wrong type for value; expected {go_type}; got interface {{}}")
    if _fits(value, go_type):
        return value
    raise Failure(f"wrong type for value; expected {go_type}; got {type_name(value)}")


def _fits(value: object, go_type: str) -> bool:
    if go_type == "string":
        return isinstance(value, str)
    if go_type == "map[string]interface {}":
        return is_map(value) and type_name(value) == go_type
    if go_type in ("[]interface {}", "[]string"):
        return is_list(value) and type_name(value) == go_type
    if go_type[:1] == "*":
        return isinstance(value, Object) and value.go_type.rpartition(".")[2] == go_type[1:]
    return type_name(value) == go_type


def arity(name: str, wants: Signature, given: int, at: int) -> None:
    """Refuse a wrong number of arguments."""
    fixed = len(wants.fixed)
    if wants.rest is None and given != fixed:
        raise Failure(f"wrong number of args for {name}: want {fixed} got {given}", at)
    if given < fixed:
        raise Failure(f"wrong number of args for {name}: want at least {fixed} got {given}", at)


def called(name: str, function: Callable[..., object], arguments: list[object], at: int) -> object:
    """The result of `function(*arguments)`.

    Raises:
        Failure: the function refuses, or makes more than a template may.
    """
    try:
        result = function(*arguments)
    except Failure as failure:
        if failure.at < 0:
            failure.at = at
            if failure.code == "template-failed":
                failure.message = f"error calling {name}: {failure.message}"
        raise
    except (ArithmeticError, ValueError, TypeError, LookupError) as error:
        raise Failure(f"error calling {name}: {error}", at) from error
    if isinstance(result, str):
        if len(result) > MAX_TEXT:
            raise Failure(f"{name} makes a text of more than {MAX_TEXT // 2**20} MiB", at, "template-too-long")
    elif isinstance(result, (list, Mapping)) and len(result) > MAX_ITEMS:
        raise Failure(f"{name} makes more than {MAX_ITEMS:,} elements", at, "template-too-long")
    return result
