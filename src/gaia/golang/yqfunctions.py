"""What the operators and functions of yq do with values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from gaia.errors import Invalid
from gaia.golang.floats import float_text
from gaia.golang.gotemplate.sprig import encoding
from gaia.golang.gotemplate.sprig.convert import parse_float, parse_integer
from gaia.golang.gotemplate.sprig.regexps import match as regexp_match
from gaia.golang.gotemplate.values import Failure
from gaia.golang.keyorder import sorted_keys

Evaluate = Callable[[object], list[object]]


def unsupported(message: str, step: str = "Use paths, //, pipes and the plain functions of yq.") -> Invalid:
    """The refusal of something that yq can do and Gaia does not."""
    return Invalid("not-supported", f"not supported: {message}", next_step=step)


def one_of(values: list[object]) -> object:
    """The first result, null if there is none."""
    return values[0] if values else None


def text_of(value: object) -> str:
    """A scalar as YAML writes it."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return float_text(value)
    return str(value)


def is_number(value: object) -> bool:
    """An int or a float."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def truth(value: object) -> bool:
    """Everything but null and false."""
    return value is not None and value is not False


def kind(value: object) -> str:
    """YAML's tag."""
    if value is None or isinstance(value, bool):
        return "!!null" if value is None else "!!bool"
    if isinstance(value, (int, float)):
        return "!!int" if isinstance(value, int) else "!!float"
    return "!!str" if isinstance(value, str) else "!!map" if isinstance(value, Mapping) else "!!seq"


def elements(value: object) -> list[object]:
    """What `.[]` goes over, maps in the order of their written keys."""
    if isinstance(value, Mapping):
        return [value[key] for key in sorted_keys(value)]
    return list(value) if isinstance(value, (list, tuple)) else []


def child(value: object, key: object) -> list[object]:
    """The value at a key or index: nothing in a scalar, null where there is none."""
    if isinstance(value, Mapping):
        return [value.get(text_of(key))]
    if value is None:
        return [None]
    if not isinstance(value, (list, tuple)):
        return []
    index = parse_integer(key) if isinstance(key, str) else key
    if not isinstance(index, int) or isinstance(index, bool):
        raise Failure(f"cannot index a list with {text_of(key)!r}")
    if index < -len(value):
        raise Failure(f"index [{index}] out of range, the list has {len(value)} elements")
    return [value[index] if index < len(value) else None]


def part(value: object, low: object, high: object) -> object:
    """`.[low:high]` of a list or a text."""
    if not isinstance(value, (list, tuple, str)):
        raise Failure(f"cannot slice {kind(value)}")
    bounds = [bound if isinstance(bound, int) else None for bound in (low, high)]
    part = value[bounds[0] : bounds[1]]
    return list(part) if isinstance(part, tuple) else part


def _equal(left: object, right: object) -> bool:
    if any(isinstance(one, (Mapping, list, tuple)) for one in (left, right)):
        raise unsupported("== of maps and lists", "Compare single values.")
    if left is None or right is None or (is_number(left) and is_number(right) and kind(left) != kind(right)):
        return left is right
    return text_of(left) == text_of(right)


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[object, object], bool]:
    def run(left: object, right: object) -> bool:
        if (is_number(left) and is_number(right)) or (isinstance(left, str) and isinstance(right, str)):
            return compare(cast("float", left), cast("float", right))
        if left is None or right is None:
            return False
        raise Failure(f"cannot compare {kind(left)} with {kind(right)}")

    return run


def _whole(value: float) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _add(left: object, right: object) -> object:
    if left is None or right is None:
        return right if left is None else left
    if isinstance(left, (list, tuple)):
        return [*left, *right] if isinstance(right, (list, tuple)) else [*left, right]
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return {**left, **right}
    if is_number(left) and is_number(right):
        return _whole(cast("float", left) + cast("float", right))
    if any(isinstance(one, (Mapping, list, tuple, bool)) for one in (left, right)):
        raise Failure(f"{kind(left)} cannot be added to {kind(right)}")
    return text_of(left) + text_of(right)


def _subtract(left: object, right: object) -> object:
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return [one for one in left if one not in right]
    return _calculated(left, right, "subtracted from", lambda a, b: a - b)


def _multiply(left: object, right: object) -> object:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        merged = dict(left)
        for key, value in right.items():
            known = merged.get(key)
            both = isinstance(known, Mapping) and isinstance(value, Mapping)
            merged[key] = _multiply(known, value) if both else value
        return merged
    return _calculated(left, right, "multiplied with", lambda a, b: a * b)


def _calculated(left: object, right: object, how: str, calculate: Callable[[float, float], float]) -> object:
    if not is_number(left) or not is_number(right):
        raise Failure(f"{kind(right)} cannot be {how} {kind(left)}")
    try:
        return _whole(calculate(cast("float", left), cast("float", right)))
    except ArithmeticError as error:
        raise Failure(str(error)) from None


OPERATORS: Final[Mapping[str, Callable[[object, object], object]]] = {
    "==": _equal, "!=": lambda left, right: not _equal(left, right), "<": _ordered(lambda a, b: a < b),
    "<=": _ordered(lambda a, b: a <= b), ">": _ordered(lambda a, b: a > b), ">=": _ordered(lambda a, b: a >= b),
    "+": _add, "-": _subtract, "*": _multiply,
    "/": lambda left, right: _calculated(left, right, "used to divide", lambda a, b: a / b),
    "%": lambda left, right: _calculated(left, right, "used to divide", lambda a, b: a % b),
}  # fmt: skip


# -- functions ---------------------------------------------------------------------------------------------------------


def _list(value: object, what: str) -> Sequence[object]:
    if isinstance(value, (list, tuple)):
        return value
    raise Failure(f"{what} needs a list, not {kind(value)}")


def _string(value: object, what: str) -> str:
    if isinstance(value, str):
        return value
    raise Failure(f"{what} needs a text, not {kind(value)}")


def _keys(value: object) -> object:
    if isinstance(value, Mapping):
        return list(sorted_keys(value))
    if isinstance(value, (list, tuple)):
        return list(range(len(value)))
    raise Failure(f"cannot get keys of {kind(value)}, keys only works for maps and lists")


def _length(value: object) -> int:
    if value is None:
        return 0
    return len(value) if isinstance(value, (Mapping, list, tuple)) else len(text_of(value))


def to_json(value: object) -> str:
    """With an indent of two, and the newline that yq leaves at the end of what is more than a scalar."""
    return encoding.must_to_pretty_json(value) + "\n"


def _to_number(value: object) -> object:
    if is_number(value):
        return value
    found = parse_integer(_string(value, "to_number"))
    real = parse_float(str(value)) if found is None else found
    if real is None:
        raise Failure(f"cannot turn {value!r} into a number")
    return real


def _sorted(value: object) -> list[object]:
    values = list(_list(value, "sort"))
    kinds = {kind(one) for one in values}
    if kinds <= {"!!int", "!!float"} or kinds <= {"!!str"}:
        return sorted(values, key=lambda one: cast("float", one))
    raise unsupported("sort of unlike values", "Sort numbers or texts.")


def _flat(value: object) -> list[object]:
    return [
        inner for one in _list(value, "flatten") for inner in (_flat(one) if isinstance(one, (list, tuple)) else [one])
    ]


def _unique(value: object) -> list[object]:
    kept: list[object] = []
    for one in _list(value, "unique"):
        if not any(type(one) is type(other) and one == other for other in kept):
            kept.append(one)
    return kept


def _entries(value: object) -> object:
    if isinstance(value, Mapping):
        return [{"key": key, "value": value[key]} for key in sorted_keys(value)]
    return [{"key": number, "value": one} for number, one in enumerate(_list(value, "to_entries"))]


def _from_json(value: object) -> object:
    return _integers(encoding.must_from_json(_string(value, "from_json")))


CONSTANTS: Final[Mapping[str, object]] = {"null": None, "true": True, "false": False}
PLAIN: Final[Mapping[str, Callable[[object], object]]] = {
    "keys": _keys, "length": _length, "not": lambda value: not truth(value), "to_json": to_json,
    "@json": encoding.must_to_raw_json, "from_json": _from_json, "@jsond": _from_json,
    "upcase": lambda value: _string(value, "upcase").upper(),
    "downcase": lambda value: _string(value, "downcase").lower(),
    "trim": lambda value: _string(value, "trim").strip(), "sort": _sorted, "unique": _unique, "flatten": _flat,
    "reverse": lambda value: list(reversed(_list(value, "reverse"))), "to_string": text_of, "to_number": _to_number,
    "type": kind, "tag": kind, "to_entries": _entries, "any": lambda value: any(map(truth, _list(value, "any"))),
    "all": lambda value: all(map(truth, _list(value, "all"))),
    "max": lambda value: (_sorted(value) or [None])[-1], "min": lambda value: (_sorted(value) or [None])[0],
}  # fmt: skip


def _integers(value: object) -> object:
    """JSON's whole numbers as ints again."""
    if isinstance(value, dict):
        return {key: _integers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_integers(inner) for inner in value]
    return _whole(value) if isinstance(value, float) else value


def _has(value: object, argument: Evaluate) -> list[object]:
    key = one_of(argument(value))
    if isinstance(value, Mapping):
        return [text_of(key) in value]
    return [isinstance(value, (list, tuple)) and isinstance(key, int) and 0 <= key < len(value)]


def _contains(value: object, argument: Evaluate) -> list[object]:
    wanted = one_of(argument(value))
    if isinstance(value, str):
        return [text_of(wanted) in value]
    return [all(one in value for one in _list(wanted, "contains"))] if isinstance(value, (list, tuple)) else [False]


WITH_ARGUMENT: Final[Mapping[str, Callable[[object, Evaluate], list[object]]]] = {
    "has": _has,
    "contains": _contains,
    "select": lambda value, test: [value] if any(map(truth, test(value))) else [],
    "map": lambda value, inner: [[one for element in elements(value) for one in inner(element)]],
    "join": lambda value, separator: [
        text_of(one_of(separator(value))).join("" if one is None else text_of(one) for one in _list(value, "join"))
    ],
    "split": lambda value, separator: [_split(_string(value, "split"), text_of(one_of(separator(value))))],
    "test": lambda value, pattern: [regexp_match(text_of(one_of(pattern(value))), _string(value, "test"))],
}


def _split(text: str, separator: str) -> object:
    return list(text.split(separator)) if separator else list(text)
