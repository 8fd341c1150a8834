"""Whether a plan is still what was approved.

It *refines* the approved preview when it has the same resources and actions, every value that was known is equal, and
only values that were unknown have become known. Anything else is a `Difference`. A plan sorts a set by its values, so
when some of them become known its elements may come in another order, and equal ones become one: sets are compared as
sets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gaia.kit import canonical
from gaia.kit.redact import MASK
from gaia.terraform.normal import NOTHING, NormalChange, NormalForm, Secret, Unknown, mac
from gaia.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from gaia.stacks.model import InstanceKey
    from gaia.terraform.values import Path

ABSENT = "(absent)"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a plan is not what was approved; `approved` and `actual` are texts without secrets."""

    instance: str
    address: str
    kind: Literal["extra", "missing", "action", "value", "key"]
    """A resource that was not approved; one that was and is not planned; another action; another value; another key."""
    path: Path
    """Where in the resource the value is; begins with `before` or `after`; empty for other kinds."""
    approved: str
    actual: str

    def __str__(self) -> str:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).lstrip(".")
        where = f"{self.instance} {self.address}" + (f" {place}" if place else "")
        return f"{where}: approved {self.approved}, now {self.actual}"

    def as_json(self) -> dict[str, object]:
        """`{instance, address, kind, path, approved, actual}`."""
        return {
            "instance": self.instance,
            "address": self.address,
            "kind": self.kind,
            "path": list(self.path),
            "approved": self.approved,
            "actual": self.actual,
        }


def no_set(_instance: InstanceKey, _resource: str, _path: Path) -> bool:
    """Where no provider can be asked, the order of every list counts."""
    return False


def refines(
    approved: NormalForm,
    actual: NormalForm,
    *,
    done: Collection[str] = (),
    is_set: Callable[[InstanceKey, str, Path], bool] = no_set,
) -> tuple[Difference, ...]:
    """The differences, sorted; none when `actual` refines `approved`.

    Instances that `actual` does not speak about are not compared, so one instance's own plan can be held against the
    preview of a whole request. An instance that `approved` does not speak about differs by each of its changes.

    `done` are addresses that this run has already finished: they may be absent, without action, imported, or updated
    to exactly what was approved.

    `is_set` says of an instance, a resource type and a path in its values whether a set is there. That is asked only
    where two lists differ and two sets would not.
    """
    if approved.key_id != actual.key_id and any(actual.parts.values()):
        return (Difference("", "", "key", (), f"made with {approved.key_id}", f"made with {actual.key_id}"),)
    differences: list[Difference] = []
    for instance, changes in actual.parts.items():
        before = {change.sort_key: change for change in approved.parts.get(instance, ())}
        now = {change.sort_key: change for change in changes}
        for key in sorted(before.keys() | now.keys()):
            compare = _Comparison(instance, actual, key[0] in done, is_set)
            differences.extend(compare.changes(before.get(key), now.get(key), key[0]))
    return tuple(differences)


@dataclass(frozen=True, slots=True)
class _Comparison:
    instance: InstanceKey
    actual: NormalForm
    done: bool
    is_set: Callable[[InstanceKey, str, Path], bool]

    def changes(self, approved: NormalChange | None, now: NormalChange | None, address: str) -> Iterator[Difference]:
        if now is None:
            if not self.done:
                yield Difference(str(self.instance), address, "missing", (), _action(approved), ABSENT)
            return
        if approved is None:
            yield Difference(str(self.instance), address, "extra", (), ABSENT, _action(now))
            return
        if self.done and now.actions in (("no-op",), ("update",)):
            yield from self._values(now, ("after",), approved.after, now.after)
            return
        if _shape(approved) != _shape(now):
            yield Difference(str(self.instance), address, "action", (), _action(approved), _action(now))
            return
        yield from self._values(now, ("before",), approved.before, now.before)
        yield from self._values(now, ("after",), approved.after, now.after)

    def _values(self, now: NormalChange, path: Path, approved: object, actual: object) -> Iterator[Difference]:
        def sign(value: object) -> str:
            return mac(value, self.instance, now.address, self.actual.key) if self.actual.key else ""

        def is_set(place: Path) -> bool:
            return self.is_set(self.instance, now.type, place[1:])

        for place, was, is_now in _walk(path, approved, actual, _Rules(sign, is_set), hidden=False):
            yield Difference(str(self.instance), now.address, "value", place, was, is_now)


@dataclass(frozen=True, slots=True)
class _Rules:
    """How values of one resource are compared: the HMAC of a value, and whether there is a set at a path."""

    sign: Callable[[object], str]
    is_set: Callable[[Path], bool]


def _walk(
    path: Path, approved: object, actual: object, rules: _Rules, *, hidden: bool
) -> Iterator[tuple[Path, str, str]]:
    """Every place where `actual` does not refine `approved`. `hidden`: inside a value that is marked in either."""
    if isinstance(approved, Unknown):
        return
    if isinstance(approved, Secret):
        if _mac_of(actual, rules.sign) != approved.mac:
            yield path, MASK, _shown(actual, hidden=True)
        return
    if isinstance(actual, Secret) and actual.value is not NOTHING:
        yield from _walk(path, approved, actual.value, rules, hidden=True)
    elif isinstance(actual, Secret):
        if _mac_of(approved, rules.sign) != actual.mac:
            yield path, _shown(approved, hidden=True), MASK
    elif isinstance(approved, dict) and isinstance(actual, dict):
        yield from _walk_maps(path, approved, actual, rules, hidden=hidden)
    elif isinstance(approved, list) and isinstance(actual, list):
        differences = list(_walk_lists(path, approved, actual, rules, hidden=hidden))
        if differences and not (_meet(path, approved, actual, rules) and rules.is_set(path)):
            yield from differences
    elif not _same(approved, actual):
        yield _whole(path, approved, actual, hidden=hidden)


def _whole(path: Path, approved: object, actual: object, *, hidden: bool) -> tuple[Path, str, str]:
    # one side may lack the mark of the other, and the two cannot be walked side by side
    veil = hidden or _has_secret(approved) or _has_secret(actual)
    return path, _shown(approved, hidden=veil), _shown(actual, hidden=veil)


def _walk_lists(
    path: Path, approved: list[object], actual: list[object], rules: _Rules, *, hidden: bool
) -> Iterator[tuple[Path, str, str]]:
    if len(approved) != len(actual):
        yield _whole(path, approved, actual, hidden=hidden)
        return
    for at, pair in enumerate(zip(approved, actual, strict=True)):
        yield from _walk((*path, at), *pair, rules, hidden=hidden)


def _meet(path: Path, approved: list[object], actual: list[object], rules: _Rules) -> bool:
    """Whether the one, read as a set, can have become the other: each element one of the other's, and none is new."""
    if len(actual) > len(approved):
        return False
    texts: dict[bytes, list[int]] = {}  # thousands of addresses are compared by looking up, not each with each
    others = []
    for now, value in enumerate(actual):
        if _is_scalar(value):
            texts.setdefault(canonical.dumps(value), []).append(now)
        else:
            others.append(now)
    choices: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for was, element in enumerate(approved):
        near = [*texts.get(canonical.dumps(element), ()), *others] if _is_scalar(element) else range(len(actual))
        met = {
            ("actual", now) for now in near if not any(_walk((*path, now), element, actual[now], rules, hidden=True))
        }
        if not met:
            return False
        choices["approved", was] = met
    from networkx import Graph, bipartite

    partners: dict[tuple[str, int], tuple[str, int]] = bipartite.hopcroft_karp_matching(Graph(choices), choices)
    return all(("actual", now) in partners for now in range(len(actual)))


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _walk_maps(
    path: Path,
    approved: dict[str, object],
    actual: dict[str, object],
    rules: _Rules,
    *,
    hidden: bool,
) -> Iterator[tuple[Path, str, str]]:
    for name in sorted(approved.keys() | actual.keys()):
        if name not in approved:
            yield (*path, name), ABSENT, _shown(actual[name], hidden=hidden)
        elif name in actual:
            yield from _walk((*path, name), approved[name], actual[name], rules, hidden=hidden)
        elif not isinstance(approved[name], Unknown):
            yield (*path, name), _shown(approved[name], hidden=hidden), ABSENT


def _has_secret(node: object) -> bool:
    if isinstance(node, dict):
        return any(_has_secret(child) for child in node.values())
    if isinstance(node, list):
        return any(_has_secret(child) for child in node)
    return isinstance(node, Secret) or (isinstance(node, Unknown) and node.sensitive)


def _mac_of(node: object, sign: Callable[[object], str]) -> str | None:
    """The HMAC of a node's whole value; None when something in it is not known here."""
    if isinstance(node, Secret):
        return node.mac
    plain = _plain(node)
    return None if plain is NOTHING else sign(plain)


def _plain(node: object) -> object:
    if isinstance(node, Unknown):
        return NOTHING
    if isinstance(node, Secret):
        return node.value
    if isinstance(node, dict):
        children = {key: _plain(child) for key, child in node.items()}
        return NOTHING if any(child is NOTHING for child in children.values()) else children
    if isinstance(node, list):
        items = [_plain(child) for child in node]
        return NOTHING if any(item is NOTHING for item in items) else items
    return node


def _same(left: object, right: object) -> bool:
    """Equal as JSON, where `1`, `1.0` and `true` differ."""
    if isinstance(left, Unknown | Secret) or isinstance(right, Unknown | Secret):
        return False
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return False  # equal ones were walked
    return canonical.dumps(left) == canonical.dumps(right)


def _shown(node: object, *, hidden: bool) -> str:
    """A node for people: short, and with nothing secret in it."""
    if isinstance(node, Unknown):
        return UNKNOWN
    if hidden or isinstance(node, Secret):
        return MASK
    text = json.dumps(_veiled(node), ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _veiled(node: object) -> object:
    if isinstance(node, Unknown):
        return UNKNOWN
    if isinstance(node, Secret):
        return MASK
    if isinstance(node, dict):
        return {key: _veiled(child) for key, child in node.items()}
    if isinstance(node, list):
        return [_veiled(child) for child in node]
    return node


def _shape(change: NormalChange) -> tuple[object, ...]:
    return change.type, change.actions, change.previous_address, change.import_id


def _action(change: NormalChange | None) -> str:
    if change is None:
        return ABSENT
    text = " then ".join(change.actions)
    if change.import_id:
        text += f" (import {change.import_id})"
    if change.previous_address:
        text += f" (moved from {change.previous_address})"
    return text
