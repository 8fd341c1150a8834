"""sprig's functions on lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.sprig.convert import integer, is_empty, text, texts
from gaia.golang.gotemplate.values import Failure, Lists, NoList, Strings, Walk, deep_equal, kind_name, octets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def elements(value: object, doing: str) -> Sequence[object]:
    """The list that `value` is.

    Raises:
        Failure: it is none.
    """
    if isinstance(value, (list, tuple, bytes)):
        return value
    if value is None:
        raise Failure("runtime error: invalid memory address or nil pointer dereference")
    raise Failure(f"Cannot {doing} on type {kind_name(value)}")


def list_(*values: object) -> list[object]:
    """`list`"""
    return list(values)


def append(values: object, value: object) -> list[object]:
    """With `value` at the end."""
    return [*elements(values, "push"), value]


def prepend(values: object, value: object) -> list[object]:
    """With `value` at the beginning."""
    return [value, *elements(values, "prepend")]


def concat(*lists: object) -> list[object]:
    """The lists one after the other."""
    return [value for one in lists for value in elements(one, "concat")] or NoList()


def _none(values: object, doing: str) -> NoList:
    """What is left of an empty list."""
    elements(values, doing)
    return NoList()


def first(values: object) -> object:
    """The first element, nil if there is none."""
    items = elements(values, "find first")
    return items[0] if items else None


def last(values: object) -> object:
    """The last element, nil if there is none."""
    items = elements(values, "find last")
    return items[-1] if items else None


def rest(values: object) -> list[object]:
    """All but the first."""
    return list(elements(values, "find rest")[1:]) if values else _none(values, "find rest")


def initial(values: object) -> list[object]:
    """All but the last."""
    return list(elements(values, "find initial")[:-1]) if values else _none(values, "find initial")


def reverse(values: object) -> list[object]:
    """From the last to the first."""
    return list(reversed(elements(values, "find reverse")))


def compact(values: object) -> list[object]:
    """Without the empty ones."""
    return [value for value in elements(values, "compact") if not is_empty(value)]


def _in(value: object, values: Sequence[object], walk: Walk) -> bool:
    return any(deep_equal(value, one, walk) for one in values)


def uniq(values: object) -> list[object]:
    """Each element once."""
    walk = Walk()
    seen: set[tuple[type, object]] = set()
    kept: list[object] = []
    others: list[object] = []
    for value in elements(values, "find uniq"):
        if isinstance(value, (str, int, bool)):
            if (type(value), value) not in seen:
                seen.add((type(value), value))
                kept.append(value)
        elif not _in(value, others, walk):
            others.append(value)
            kept.append(value)
    return kept


def without(values: object, *omitted: object) -> list[object]:
    """Without those."""
    walk = Walk()
    return [value for value in elements(values, "find without") if not _in(value, omitted, walk)]


def has(value: object, values: object) -> bool:
    """Whether `value` is an element."""
    return values is not None and _in(value, elements(values, "find has"), Walk())


def section(values: object, *bounds: object) -> object:
    """`slice`: the elements from one index to before another."""
    items = elements(values, "slice")
    if not items:
        return None
    start = integer(bounds[0]) if bounds else 0
    end = integer(bounds[1]) if len(bounds) > 1 else len(items)
    if not 0 <= start <= end <= len(items):
        raise Failure("reflect.Value.Slice: slice index out of bounds")
    part = items[start:end]
    return type(values)(part) if isinstance(values, list) else part


def chunk(size: int, values: object) -> list[object]:
    """Lists of `size` elements each, the last one shorter."""
    items = elements(values, "chunk")
    if size <= 0:
        if size and not (len(items) - 1) // size + 1:
            return Lists()
        raise Failure("runtime error: makeslice: len out of range")
    return Lists(list(items[at : at + size]) for at in range(0, len(items), size))


def sort_alpha(values: object) -> Strings:
    """The elements as texts, sorted by their bytes."""
    if not isinstance(values, (list, tuple, bytes)):
        return Strings([text(values)])
    found = texts(values)
    return Strings(sorted(found, key=octets))


def default(fallback: object, *given: object) -> object:
    """The given value, or `fallback` if it is empty."""
    return fallback if not given or is_empty(given[0]) else given[0]


def coalesce(*values: object) -> object:
    """The first value that is not empty."""
    return next((value for value in values if not is_empty(value)), None)


def all_(*values: object) -> bool:
    """`all`: whether no value is empty."""
    return not any(map(is_empty, values))


def any_(*values: object) -> bool:
    """`any`: whether a value is not empty."""
    return not all(map(is_empty, values))


def ternary(yes: object, no: object, decides: bool) -> object:
    """`yes` if it is true, else `no`."""
    return yes if decides else no


FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "list": list_, "tuple": list_, "concat": concat, "slice": section, "mustSlice": section, "sortAlpha": sort_alpha,
    "default": default, "empty": is_empty, "coalesce": coalesce, "all": all_, "any": any_, "ternary": ternary,
    "push": append, "mustPush": append, "append": append, "mustAppend": append,
    "prepend": prepend, "mustPrepend": prepend, "first": first, "mustFirst": first, "last": last, "mustLast": last,
    "rest": rest, "mustRest": rest, "initial": initial, "mustInitial": initial, "reverse": reverse,
    "mustReverse": reverse, "compact": compact, "mustCompact": compact, "uniq": uniq, "mustUniq": uniq,
    "without": without, "mustWithout": without, "has": has, "mustHas": has, "chunk": chunk, "mustChunk": chunk,
}  # fmt: skip
