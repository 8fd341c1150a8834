"""The functions that Go's text/template has by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.printing import plain_text, sprint, sprintf
from gaia.golang.gotemplate.values import (
    MISSING,
    Failure,
    byte_length,
    from_octets,
    is_int,
    is_list,
    is_map,
    octets,
    truth,
    type_name,
)

if TYPE_CHECKING:
    from gaia.golang.gotemplate.calls import Raw

_HTML = str.maketrans({'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"})
_JS: Final = {
    "\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D",
}  # fmt: skip


def _nil(value: object) -> bool:
    return value is None or value is MISSING


# -- comparison ----------------------------------------------------------------------------------------------------


def _kind(value: object) -> str:
    """The class of values that can be compared with each other, or "" for what has no order."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    return "string" if isinstance(value, str) else ""


def _equal(left: object, right: object) -> bool:
    kind, other = _kind(left), _kind(right)
    if kind != other:
        if _nil(left) or _nil(right):
            return False
        raise Failure(f"incompatible types for comparison: {type_name(left)} and {type_name(right)}")
    if kind:
        return left == right
    if _nil(left) or _nil(right):
        return _nil(left) == _nil(right)
    if (is_list(left), is_map(left)) != (is_list(right), is_map(right)) or is_list(left) or is_map(left):
        raise Failure(f"non-comparable type {plain_text(right)}: {type_name(right)}")
    return left is right or left == right


def eq(first: Raw, *others: Raw) -> bool:
    """Whether `first` equals one of `others`."""
    if not others:
        raise Failure("missing argument for comparison")
    return any(_equal(first, other) for other in others)


def ne(left: Raw, right: Raw) -> bool:
    """Whether the two differ."""
    return not _equal(left, right)


def lt(left: Raw, right: Raw) -> bool:
    """Whether `left` is smaller."""
    kind, other = _kind(left), _kind(right)
    if not kind or not other:
        raise Failure("invalid type for comparison")
    if kind != other:
        raise Failure(f"incompatible types for comparison: {type_name(left)} and {type_name(right)}")
    if kind == "bool":
        raise Failure("invalid type for comparison")
    return bool(left < right)  # type: ignore[operator]


def le(left: Raw, right: Raw) -> bool:
    """Whether `left` is smaller or equal."""
    return lt(left, right) or _equal(left, right)


def gt(left: Raw, right: Raw) -> bool:
    """Whether `left` is greater."""
    return not le(left, right)


def ge(left: Raw, right: Raw) -> bool:
    """Whether `left` is greater or equal."""
    return not lt(left, right)


def negate(value: Raw) -> bool:
    """`not`"""
    return not truth(value)


# -- structure -----------------------------------------------------------------------------------------------------


def length(value: Raw) -> int:
    """`len`: bytes of a text, elements of a list or a map."""
    if value is None:
        raise Failure("len of nil pointer")
    if isinstance(value, str):
        return byte_length(value)
    if isinstance(value, (list, tuple, bytes, Mapping)):
        return len(value)
    if value is MISSING:
        raise Failure("reflect: call of reflect.Value.Type on zero Value")
    raise Failure(f"len of type {type_name(value)}")


def _position(value: object, limit: int) -> int:
    if _nil(value):
        raise Failure("cannot index slice/array with nil")
    if not is_int(value):
        raise Failure(f"cannot index slice/array with type {type_name(value)}")
    if not isinstance(value, int) or not 0 <= value <= limit:
        raise Failure(f"index out of range: {value}")
    return value


def index(item: Raw, *indexes: Raw) -> object:
    """The element of `item` at each of `indexes` in turn; a key that a map lacks gives nil."""
    if _nil(item):
        raise Failure("index of untyped nil")
    for one in indexes:
        if _nil(item):
            raise Failure("index of nil pointer")
        item = _element(item, one)
    return item


def _element(item: object, key: object) -> object:
    if isinstance(item, Mapping):
        if not isinstance(key, str):
            raise Failure(
                "value is nil; should be of type string"
                if _nil(key)
                else f"value has type {type_name(key)}; should be string"
            )
        return item.get(key, "" if type_name(item) == "map[string]string" else None)
    if isinstance(item, (str, list, tuple, bytes)):
        content = octets(item) if isinstance(item, str) else item
        at = _position(key, len(content))
        if at == len(content):
            raise Failure(
                "reflect: slice index out of range"
                if not isinstance(item, str)
                else "reflect: string index out of range"
            )
        return content[at]
    raise Failure(f"can't index item of type {type_name(item)}")


def section(item: Raw, *indexes: Raw) -> object:
    """`slice`: part of a text (by bytes) or of a list."""
    if _nil(item):
        raise Failure("slice of untyped nil")
    if len(indexes) > 3:
        raise Failure(f"too many slice indexes: {len(indexes)}")
    content = octets(item) if isinstance(item, str) else item
    if not isinstance(content, (list, tuple, bytes)):
        raise Failure(f"can't slice item of type {type_name(item)}")
    if isinstance(item, str) and len(indexes) == 3:
        raise Failure("cannot 3-index slice a string")
    bounds = [0, len(content)]
    for number, one in enumerate(indexes):
        bounds[number : number + 1] = [_position(one, len(content))]
    if bounds != sorted(bounds):
        raise Failure(f"invalid slice index: {bounds[0]} > {bounds[1]}")
    part = content[bounds[0] : bounds[1]]
    if isinstance(item, str) and isinstance(part, bytes):
        return from_octets(part)
    return type(item)(part) if isinstance(item, list) else part


def call(function: Raw, *arguments: object) -> object:
    """Nothing in the data of a template can be called."""
    del arguments
    if _nil(function):
        raise Failure("call of nil")
    raise Failure(f"non-function of type {type_name(function)}")


# -- printing ------------------------------------------------------------------------------------------------------


def print_(*values: object) -> str:
    """`print`"""
    return sprint(values)


def println(*values: object) -> str:
    """`println`: a space between all values, a newline at the end."""
    return " ".join(plain_text(value) for value in values) + "\n"


def printf(layout: str, *values: object) -> str:
    """`printf`"""
    return sprintf(layout, values)


def _joined(values: tuple[object, ...]) -> str:
    return sprint(tuple("<no value>" if value is None else value for value in values))


def html(*values: object) -> str:
    """The text of `values`, escaped for HTML."""
    return _joined(values).translate(_HTML)


def js(*values: object) -> str:
    """The text of `values`, escaped for a JavaScript string."""
    return "".join(_script(char) for char in _joined(values))


def _script(char: str) -> str:
    if char in _JS:
        return _JS[char]
    if char < " ":
        return f"\\u00{ord(char):02X}"
    return char if char.isascii() or char.isprintable() else f"\\u{ord(char):04X}"


def urlquery(*values: object) -> str:
    """The text of `values`, escaped for the query of a URL."""
    from urllib.parse import quote_plus

    return quote_plus(octets(_joined(values)), safe="")


def _undecided(first: Raw, *others: Raw) -> object:
    """`and` and `or` evaluate their arguments themselves; only their names are looked up."""
    del first, others
    return MISSING


BUILTINS: Final[Mapping[str, Callable[..., object]]] = {
    "and": _undecided, "or": _undecided, "not": negate, "len": length, "index": index, "slice": section, "call": call,
    "print": print_, "printf": printf, "println": println, "html": html, "js": js, "urlquery": urlquery,
    "eq": eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge,
}  # fmt: skip
