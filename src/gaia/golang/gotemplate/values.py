"""What a template computes with: Go's kinds of values, told apart on plain Python data.

str, bool, int, float, dict, list and None stand for Go's string, bool, int, float64, map[string]any, []any and nil.
Three things that Go tells apart and plain data does not have names here: `MISSING` (the absent value, printed as
`<no value>`), `Int64` and the typed lists that some functions return.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

MAX_TEXT: Final = 10 * 2**20
"""Characters of one output or of one computed text."""
MAX_ITEMS: Final = 250_000
"""Elements of one computed list or map, and of one structure that is printed or compared."""
SPACES: Final = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029"
    "\u202f\u205f\u3000"
)
"""What Go's `unicode.IsSpace` takes."""
MUTATES: Final = "mutates"
"""Attribute of a function that changes a map it is given: a template that uses one works on a copy of the data."""


class Failure(Exception):
    """A template cannot go on. `at` is the offset in its text, once it is known."""

    code = "template-failed"

    def __init__(self, message: str, at: int = -1, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        if code is not None:
            self.code = code


def too_long(what: str) -> Failure:
    """The failure of a template that would make too much."""
    return Failure(what, code="template-too-long")


class Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "<no value>"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()
"""Go's zero `reflect.Value`: the result of looking up a key that a map does not have."""


class Int64(int):
    """Go's `int64`, which arithmetic functions return; a parameter of type `int` does not take it."""


class Strings(list[str]):
    """Go's `[]string`."""


class NoStrings(Strings):
    """Go's nil `[]string`: an empty list that JSON writes as null."""


class Ints(list[int]):
    """Go's `[]int`."""


class Int64s(list[Int64]):
    """Go's `[]int64`."""


class Lists(list[object]):
    """Go's `[][]interface {}`."""


class NoList(list[object]):
    """Go's nil `[]interface {}`: an empty list that JSON writes as null."""


class StringMap(dict[str, str]):
    """Go's `map[string]string`."""


class Object:
    """A value of a Go type that is not plain data: fields and methods by name, and the text it prints as.

    A member that is callable is a method; its annotations say what it takes, as those of functions do.
    """

    go_type = "struct {}"

    def member(self, name: str) -> object:
        """The field or bound method called `name`, or `MISSING`."""
        del name
        return MISSING

    @property
    def is_true(self) -> bool:
        """What `if` makes of it."""
        return True

    def as_json(self) -> object:
        """The plain value that JSON shows for it."""
        return str(self)


class Namespace(Object):
    """What a function such as `strings` returns: methods by name (`strings.Title`)."""

    def __init__(self, name: str, members: Mapping[str, Callable[..., object]]) -> None:
        self.name = name
        self.members = members
        self.go_type = f"*funcs.{name.title()}Funcs"

    def member(self, name: str) -> object:
        """The method called `name`, or `MISSING`."""
        return self.members.get(name, MISSING)

    def __str__(self) -> str:
        return f"&{{{self.name}}}"


_TYPES: Final[dict[type, str]] = {
    str: "string", bool: "bool", int: "int", float: "float64", dict: "map[string]interface {}",
    list: "[]interface {}", tuple: "[]interface {}", bytes: "[]uint8", Int64: "int64",
    Strings: "[]string", NoStrings: "[]string",
    Ints: "[]int",
    Int64s: "[]int64", Lists: "[][]interface {}", NoList: "[]interface {}", StringMap: "map[string]string",
    type(None): "<nil>", Missing: "<nil>",
}  # fmt: skip
_KINDS: Final = {
    "map[string]interface {}": "map", "map[string]string": "map", "[]interface {}": "slice", "[]string": "slice",
    "[]uint8": "slice", "[]int": "slice", "[]int64": "slice", "[][]interface {}": "slice", "<nil>": "invalid",
}  # fmt: skip


def type_name(value: object) -> str:
    """The name of the Go type, as `%T` prints it."""
    name = _TYPES.get(type(value))
    if name is not None:
        if name == "int" and isinstance(value, int) and value > 2**63 - 1:
            return "uint64"
        return name
    if isinstance(value, Object):
        return value.go_type
    for kind, name in _TYPES.items():
        if isinstance(value, kind):
            return name
    if isinstance(value, Mapping):
        return "map[string]interface {}"
    return "func(...interface {}) interface {}" if callable(value) else type(value).__name__


def kind_name(value: object) -> str:
    """The kind of the Go type: `map`, `slice`, `int64`, `ptr` …"""
    name = type_name(value)
    if isinstance(value, Object):
        return "ptr" if name.startswith("*") else "int64" if name == "time.Duration" else "struct"
    return _KINDS.get(name, "func" if name.startswith("func") else name)


def is_int(value: object) -> bool:
    """Of an integer type (a bool is none in Go)."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_map(value: object) -> bool:
    """Of a map type."""
    return isinstance(value, (dict, Mapping))


def is_list(value: object) -> bool:
    """Of a slice type."""
    return isinstance(value, (list, tuple, bytes))


def truth(value: object) -> bool:
    """What `if` makes of a value: empty and zero are false, an object is true."""
    if value is None or value is MISSING:
        return False
    return value.is_true if isinstance(value, Object) else bool(value)


def wrap64(number: int) -> Int64:
    """An integer as a signed 64-bit machine keeps it."""
    if not -(2**63) <= number < 2**63:
        number = (number + 2**63) % 2**64 - 2**63
    return Int64(number)


def octets(text: str) -> bytes:
    """The bytes of a Go string; what is not UTF-8 is held as lone surrogates."""
    return text.encode("utf-8", "surrogateescape")


def from_octets(data: bytes) -> str:
    """The inverse of `octets`."""
    return data.decode("utf-8", "surrogateescape")


def byte_length(text: str) -> int:
    """What Go's `len` says of a string."""
    return len(text) if text.isascii() else len(octets(text))


class Walk:
    """Counts the nodes of a structure that is visited, since a list can hold another one twice, again and again."""

    __slots__ = ("left",)

    def __init__(self, limit: int = MAX_ITEMS) -> None:
        self.left = limit

    def step(self, count: int = 1) -> None:
        """One more node.

        Raises:
            Failure: `template-too-long`.
        """
        self.left -= count
        if self.left < 0:
            raise too_long(f"a value of more than {MAX_ITEMS:,} parts")


def deep_equal(left: object, right: object, walk: Walk | None = None) -> bool:
    """Go's `reflect.DeepEqual`: the same types and the same content."""
    walk = walk or Walk()
    walk.step()
    if type_name(left) != type_name(right):
        return False
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(deep_equal(a, b, walk) for a, b in zip(left, right, strict=True))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(deep_equal(left[key], right[key], walk) for key in left)
    return bool(left == right)


def deep_copy(value: object, walk: Walk | None = None) -> object:
    """A copy that shares no map and no list with `value`."""
    walk = walk or Walk()
    walk.step()
    if isinstance(value, Mapping):
        copied = {key: deep_copy(inner, walk) for key, inner in value.items()}
        return StringMap(copied) if isinstance(value, StringMap) else copied
    if isinstance(value, (list, tuple)):
        items = [deep_copy(inner, walk) for inner in value]
        return Strings(items) if isinstance(value, Strings) else items  # type: ignore[arg-type]
    return value
