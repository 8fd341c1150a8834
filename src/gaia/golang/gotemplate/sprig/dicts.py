"""sprig's functions on maps, and the ones that ask for a type.

Where Go goes through a map in any order (`keys`, `values`) the order here is that of the sorted keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gaia.golang.gotemplate.sprig.convert import is_empty, text
from gaia.golang.gotemplate.values import (
    MUTATES,
    Failure,
    Strings,
    Walk,
    deep_copy,
    deep_equal,
    kind_name,
    type_name,
)


def dict_(*pairs: object) -> dict[str, object]:
    """`dict`: key, value, key, value …"""
    return {text(pairs[at]): pairs[at + 1] if at + 1 < len(pairs) else "" for at in range(0, len(pairs), 2)}


def get(values: dict[str, object], key: str) -> object:
    """The value of `key`, or an empty text."""
    return values.get(key, "")


def set_(values: dict[str, object], key: str, value: object) -> dict[str, object]:
    """`set`: the same map, with `key` set."""
    if value is values or (isinstance(value, (dict, list)) and _holds(value, values, Walk())):
        raise Failure(f"set would put a map into itself at {key}")
    values[key] = value
    return values


def _holds(value: object, inner: object, walk: Walk) -> bool:
    walk.step()
    if value is inner:
        return True
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds(part, inner, walk) for part in parts)


def unset(values: dict[str, object], key: str) -> dict[str, object]:
    """The same map, without `key`."""
    values.pop(key, None)
    return values


def has_key(values: dict[str, object], key: str) -> bool:
    """Whether the map has `key`."""
    return key in values


def pluck(key: str, *maps: dict[str, object]) -> list[object]:
    """The values of `key` in the maps that have it."""
    return [values[key] for values in maps if key in values]


def keys(*maps: dict[str, object]) -> Strings:
    """The keys of all maps."""
    return Strings(key for values in maps for key in sorted(values))


def values(mapping: dict[str, object]) -> list[object]:
    """The values, in the order of the keys."""
    return [mapping[key] for key in sorted(mapping)]


def pick(mapping: dict[str, object], *names: str) -> dict[str, object]:
    """A map of those keys only."""
    return {key: mapping[key] for key in names if key in mapping}


def omit(mapping: dict[str, object], *names: str) -> dict[str, object]:
    """A map without those keys."""
    return {key: value for key, value in mapping.items() if key not in names}


def merge(target: dict[str, object], *sources: dict[str, object]) -> object:
    """Fill `target` with what the sources have and it does not, maps within maps too; earlier sources win."""
    for source in sources:
        _merge(target, source, overwrite=False, depth=0)
    return target


def merge_overwrite(target: dict[str, object], *sources: dict[str, object]) -> object:
    """Overwrite `target` with what the sources have, maps within maps key by key."""
    for source in sources:
        _merge(target, source, overwrite=True, depth=0)
    return target


def _merge(target: dict[str, object], source: Mapping[str, object], *, overwrite: bool, depth: int) -> None:
    if depth > 100:
        raise Failure("maps are nested too deep to merge")
    for key, value in source.items():
        known = target.get(key)
        if isinstance(known, dict) and isinstance(value, Mapping):
            if known is not value:
                _merge(known, value, overwrite=overwrite, depth=depth + 1)
        elif overwrite or (value is not None and is_empty(known)):
            target[key] = value


def dig(*path: object) -> object:
    """The value at the end of a path of keys: keys, a default, the map."""
    if len(path) < 3:
        raise Failure("dig needs at least three arguments")
    *names, fallback, node = path
    _map(node)
    for name in names:
        if not isinstance(name, str):
            raise Failure(f"interface conversion: interface {{}} is {type_name(name)}, not string")
    for name in names:
        mapping = _map(node)
        if name not in mapping:
            return fallback
        node = mapping[str(name)]
    return node


def _map(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    raise Failure(f"interface conversion: interface {{}} is {type_name(value)}, not map[string]interface {{}}")


def copied(value: object) -> object:
    """`deepCopy`"""
    if value is None:
        raise Failure("deepCopy error: reflect: call of reflect.Value.Type on zero Value")
    return deep_copy(value)


def type_of(value: object) -> str:
    """The name of the type, as `%T` prints it."""
    return type_name(value)


def type_is(name: str, value: object) -> bool:
    """Whether the type has that name."""
    return type_name(value) == name


def type_is_like(name: str, value: object) -> bool:
    """Whether it is that type or a pointer to it."""
    return type_name(value) in (name, "*" + name)


def kind_of(value: object) -> str:
    """The kind of the type: `map`, `slice`, `string` …"""
    return kind_name(value)


def kind_is(name: str, value: object) -> bool:
    """Whether the kind has that name."""
    return kind_name(value) == name


def equal(left: object, right: object) -> bool:
    """`deepEqual`"""
    return deep_equal(left, right)


for _function in (set_, unset, merge, merge_overwrite):
    vars(_function)[MUTATES] = True

FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "dict": dict_, "get": get, "set": set_, "unset": unset, "hasKey": has_key, "pluck": pluck, "keys": keys,
    "values": values, "pick": pick, "omit": omit, "merge": merge, "mustMerge": merge, "mergeOverwrite": merge_overwrite,
    "mustMergeOverwrite": merge_overwrite, "dig": dig, "deepCopy": copied, "mustDeepCopy": copied,
    "typeOf": type_of, "typeIs": type_is, "typeIsLike": type_is_like, "kindOf": kind_of, "kindIs": kind_is,
    "deepEqual": equal,
}  # fmt: skip
