"""gomplate's `coll`, `conv` and `test`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.gomplate.convert import boolean, elements, int64, integer, real, text, texts
from gaia.golang.gotemplate.gomplate.urls import url
from gaia.golang.gotemplate.sprig.convert import parse_float, parse_integer
from gaia.golang.gotemplate.values import (
    Failure,
    Int64,
    Int64s,
    Ints,
    Strings,
    Walk,
    deep_equal,
    kind_name,
    truth,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST_BITS = 64
"""Of a number; `strconv` refuses more."""

# -- coll --------------------------------------------------------------------------------------------------------------


def slice_(*values: object) -> list[object]:
    """`coll.Slice value…`"""
    return list(values)


def has(values: object, key: str) -> bool:
    """`coll.Has list-or-map key`"""
    if isinstance(values, (list, tuple)):
        walk = Walk()
        return any(deep_equal(one, key, walk) for one in values)
    return key in values if isinstance(values, dict) else False


def dict_(*pairs: object) -> dict[str, object]:
    """`coll.Dict key value…`"""
    return {text(pairs[at]): pairs[at + 1] if at + 1 < len(pairs) else "" for at in range(0, len(pairs), 2)}


def keys(*maps: dict[str, object]) -> Strings:
    """`coll.Keys map…`"""
    if not maps:
        raise Failure("need at least one argument")
    return Strings(key for one in maps for key in sorted(one))


def values(*maps: dict[str, object]) -> list[object]:
    """`coll.Values map…`"""
    if not maps:
        raise Failure("need at least one argument")
    return [one[key] for one in maps for key in sorted(one)]


def append(value: object, collection: object) -> list[object]:
    """`coll.Append value list`"""
    return [*elements(collection), value]


def prepend(value: object, collection: object) -> list[object]:
    """`coll.Prepend value list`"""
    return [value, *elements(collection)]


def uniq(collection: object) -> list[object]:
    """`coll.Uniq list`"""
    walk = Walk()
    kept: list[object] = []
    for one in elements(collection):
        if not any(deep_equal(one, other, walk) for other in kept):
            kept.append(one)
    return kept


def reverse(collection: object) -> list[object]:
    """`coll.Reverse list`"""
    return elements(collection)[::-1]


def merge(target: dict[str, object], *sources: dict[str, object]) -> dict[str, object]:
    """`coll.Merge map map…`: the earlier one wins, maps within maps too. Nothing is changed in place."""
    for source in sources:
        target = _merged(source, target, 0)
    return target


def _merged(defaults: dict[str, object], overrides: dict[str, object], depth: int) -> dict[str, object]:
    if depth > 100:
        raise Failure("maps are nested too deep to merge")
    merged = dict(defaults)
    for key, value in overrides.items():
        known = merged.get(key)
        both = isinstance(known, dict) and isinstance(value, dict)
        merged[key] = _merged(known, value, depth + 1) if both else value  # type: ignore[arg-type]
    return merged


def sort(*arguments: object) -> object:
    """`coll.Sort [key] list`; a list of unlike elements stays as it is."""
    if not 0 < len(arguments) < 3:
        raise Failure(f"wrong number of args: wanted 1 or 2, got {len(arguments)}")
    key = text(arguments[0]) if len(arguments) == 2 else ""
    if arguments[-1] is None:
        return None
    items = elements(arguments[-1])
    if len({kind_name(one) for one in items}) > 1 or not items:
        return items
    by = [one[key] for one in items if isinstance(one, dict) and key in one] if isinstance(items[0], dict) else items
    kinds = {kind_name(one) for one in by}
    if len(by) != len(items) or len(kinds) != 1 or kinds & {"bool", "map", "slice", "invalid"}:
        return items
    order = sorted(range(len(items)), key=lambda at: by[at])  # type: ignore[arg-type, return-value]
    return [items[at] for at in order]


def flatten(*arguments: object) -> list[object]:
    """`coll.Flatten [depth] list`"""
    if not 0 < len(arguments) < 3:
        raise Failure(f"wrong number of args: wanted 1 or 2, got {len(arguments)}")
    return _flat(arguments[-1], integer(arguments[0]) if len(arguments) == 2 else -1, Walk())


def _flat(collection: object, depth: int, walk: Walk) -> list[object]:
    flat: list[object] = []
    for one in elements(collection):
        walk.step()
        flat += _flat(one, depth - 1, walk) if depth and isinstance(one, (list, tuple)) else [one]
    return flat


def _picked(arguments: tuple[object, ...]) -> tuple[dict[str, object], list[str]]:
    if len(arguments) < 2:
        raise Failure(f"wrong number of args: wanted 2 or more, got {len(arguments)}")
    *names, mapping = arguments
    if not isinstance(mapping, dict):
        raise Failure(f"wrong map type: must be map[string]interface{{}}, got {type_name(mapping)}")
    if not all(isinstance(name, str) for name in names):
        raise Failure("wrong key type: must be string")
    return mapping, [str(name) for name in names]


def pick(*arguments: object) -> dict[str, object]:
    """`coll.Pick key… map`"""
    mapping, names = _picked(arguments)
    return {key: value for key, value in mapping.items() if key in names}


def omit(*arguments: object) -> dict[str, object]:
    """`coll.Omit key… map`"""
    mapping, names = _picked(arguments)
    return {key: value for key, value in mapping.items() if key not in names}


# -- conv --------------------------------------------------------------------------------------------------------------


def parse_bool(value: object) -> bool:
    """`conv.Bool text`"""
    return text(value) in ("1", "t", "T", "TRUE", "true", "True")


def join(values: object, separator: str) -> str:
    """`conv.Join list separator`"""
    if not isinstance(values, (list, tuple, bytes)):
        raise Failure(f"input to Join must be an array: expected an array or slice, but got a {type_name(values)}")
    return separator.join(map(text, values))


def default(fallback: object, value: object) -> object:
    """`conv.Default fallback value`"""
    return value if truth(value) else fallback


def parse_int(value: object, base: int, bits: int) -> Int64:
    """`conv.ParseInt text base bits`; 0 for what is no number, and where Go knows no number of so many bits."""
    if not 0 <= bits <= _MOST_BITS:
        return Int64(0)
    digits = text(value)
    if base == 0:
        number = parse_integer(digits)
    else:
        try:
            number = int(digits, base) if digits.lstrip("+-").isalnum() and len(digits) < 80 else None
        except ValueError:
            number = None
    limit = 2 ** ((bits or 64) - 1)
    return Int64(0 if number is None else min(max(number, -limit), limit - 1))


def to_float(value: object, bits: int) -> float:
    """`conv.ParseFloat text bits`"""
    del bits
    return parse_float(text(value)) or 0.0


def atoi(value: object) -> int:
    """`conv.Atoi text`"""
    return int(parse_int(text(value), 10, 64))


def ints(*numbers: object) -> Ints:
    """`conv.ToInts value…`"""
    return Ints(map(integer, numbers))


def bools(*values: object) -> list[object]:
    """`conv.ToBools value…`"""
    return [boolean(one) for one in values]


def reals(*numbers: object) -> list[object]:
    """`conv.ToFloat64s value…`"""
    return [real(one) for one in numbers]


def int64s(*numbers: object) -> Int64s:
    """`conv.ToInt64s value…`"""
    return Int64s(map(int64, numbers))


# -- test --------------------------------------------------------------------------------------------------------------


def assert_(*arguments: object) -> str:
    """`test.Assert [message] value`"""
    if not 0 < len(arguments) < 3:
        raise Failure(f"wrong number of args: want 1 or 2, got {len(arguments)}")
    if not boolean(arguments[-1]):
        raise Failure("assertion failed" + (f": {text(arguments[0])}" if len(arguments) == 2 else ""))
    return ""


def fail(*message: object) -> str:
    """`test.Fail [message]`"""
    if len(message) > 1:
        raise Failure(f"wrong number of args: want 0 or 1, got {len(message)}")
    raise Failure("template generation failed" + (f": {text(message[0])}" if message and message[0] != "" else ""))


def required(*arguments: object) -> object:
    """`test.Required [message] value`: the value, which must be there and not an empty text."""
    if not 0 < len(arguments) < 3:
        raise Failure(f"wrong number of args: want 1 or 2, got {len(arguments)}")
    if arguments[-1] is None or arguments[-1] == "":
        message = text(arguments[0]) if len(arguments) == 2 else ""
        raise Failure(message or "can not render template: a required value was not set")
    return arguments[-1]


def ternary(yes: object, no: object, decides: object) -> object:
    """`test.Ternary yes no value`"""
    return yes if boolean(decides) else no


def kind(value: object) -> str:
    """`test.Kind value`"""
    return kind_name(value)


def is_kind(name: str, value: object) -> bool:
    """`test.IsKind name value`"""
    found = kind_name(value)
    return found == name or (name == "number" and found in ("int", "int64", "uint64", "float64"))


NAMESPACES: Final[Mapping[str, Mapping[str, Callable[..., object]]]] = {
    "coll": {
        "Slice": slice_, "Has": has, "Dict": dict_, "Keys": keys, "Values": values, "Append": append,
        "Prepend": prepend, "Uniq": uniq, "Reverse": reverse, "Merge": merge, "Sort": sort, "Flatten": flatten,
        "Pick": pick, "Omit": omit,
    },
    "conv": {
        "Bool": parse_bool, "ToBool": boolean, "Slice": slice_, "Join": join, "Has": has, "ParseInt": parse_int,
        "ParseFloat": to_float, "Atoi": atoi, "URL": url, "ToInt64": int64, "ToInt": integer,
        "ToInt64s": int64s,
        "ToBools": bools, "ToFloat64s": reals, "ParseUint": parse_int,
        "ToInts": ints, "ToFloat64": real, "ToString": text, "ToStrings": texts,
        "Default": default, "Dict": dict_,
    },
    "test": {
        "Assert": assert_, "Fail": fail, "Required": required, "Ternary": ternary, "Kind": kind, "IsKind": is_kind,
    },
}  # fmt: skip
ALIASES: Final[Mapping[str, Callable[..., object]]] = {
    "has": has, "slice": slice_, "dict": dict_, "keys": keys, "values": values, "append": append, "prepend": prepend,
    "uniq": uniq, "reverse": reverse, "merge": merge, "sort": sort, "flatten": flatten,
    "urlParse": url, "bool": parse_bool, "join": join, "default": default,
    "assert": assert_, "fail": fail, "required": required, "ternary": ternary, "kind": kind, "isKind": is_kind,
}  # fmt: skip
