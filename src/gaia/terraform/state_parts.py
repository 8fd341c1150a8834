"""Taking resources out of one state and putting them into another. Pure: states are documents of version 4.

A state's serial is not counted here: that is for whoever writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.shapes import as_map
from gaia.terraform.addresses import MODULE_PATH, RESOURCE, index_key, only_read
from gaia.terraform.state import index_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

State = dict[str, object]
_Entry = dict[str, object]
"""An element of `resources`, which has instances."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An address in the source, and what it becomes in the target: of one instance of a resource, unless parsed."""

    old: str
    new: str

    def __str__(self) -> str:
        return self.old if self.old == self.new else f"{self.old}={self.new}"

    @classmethod
    def parse(cls, text: str) -> Pair:
        """`OLD` or `OLD=NEW`, of a resource, one instance of it, or a module.

        Raises:
            Invalid: `address-invalid`.
        """
        begin = MODULE_PATH.match(text) or RESOURCE.match(text)
        old = begin[0] if begin else ""
        rest = text[len(old) :]
        new = rest[1:] if rest.startswith("=") else old
        kind = MODULE_PATH if MODULE_PATH.fullmatch(old) else RESOURCE
        if not old or (rest and not rest.startswith("=")) or not kind.fullmatch(new):
            raise Invalid(
                "address-invalid",
                f"{text!r} names no resource or module",
                next_step="Write ADDRESS or ADDRESS=NEW, for instance 'aws_s3_bucket.a[0]=aws_s3_bucket.b'.",
            )
        before, after = RESOURCE.fullmatch(old), RESOURCE.fullmatch(new)
        if before and after and (before["type"], before["mode"]) != (after["type"], after["mode"]):
            raise Invalid(
                "address-invalid",
                f"{old} cannot become {new}: that is another type",
                next_step="A move keeps the type of a resource.",
            )
        return cls(old, new)


def pairs(source: Mapping[str, object], wanted: Sequence[str]) -> tuple[Pair, ...]:
    """What would be moved: one pair for each instance of a resource, data sources too.

    Args:
        source: the state that has them.
        wanted: addresses of resources, of single instances of them, or of modules, as `Pair.parse` reads them; empty
            for everything.

    Raises:
        NotFound: `address-unknown`. Invalid: `address-invalid`.
        Conflict: `address-taken` where two would become one.
    """
    asked = [Pair.parse(one) for one in wanted]
    if len({one.old for one in asked}) != len(asked):
        raise Invalid("address-invalid", "an address is given twice", next_step="Give each address once.")
    found: dict[str, Pair] = {}
    used: set[str] = set()
    for entry in _entries(source):
        for address in _addresses(entry):
            meant = [one for one in asked if _is_of(entry, address, one.old)]
            used.update(one.old for one in meant)
            if not asked:
                found[address] = Pair(address, address)
            elif meant:
                found[address] = Pair(address, _renamed(entry, address, max(meant, key=lambda one: len(one.old))))
    if missing := [one.old for one in asked if one.old not in used]:
        raise NotFound(
            "address-unknown",
            f"the state has no {', '.join(missing)}",
            next_step="terraform state list shows what it has; what was moved before is in the target.",
        )
    new = [one.new for one in found.values()]
    if twice := sorted({one for one in new if new.count(one) > 1}):
        raise _taken(twice)
    return tuple(found.values())


def check_free(target: Mapping[str, object] | None, moved: Sequence[Pair]) -> None:
    """Raise `Conflict("address-taken")` where the target has a resource of such an address. Data are read anew."""
    there = {address for entry in _entries(target) for address in _addresses(entry)}
    if clash := sorted(one.new for one in moved if one.new in there and not only_read(one.new)):
        raise _taken(clash)


def with_moved(
    target: Mapping[str, object] | None, source: Mapping[str, object], moved: Sequence[Pair], *, outputs: bool
) -> State:
    """The target with what it gets; a new state where there was none. What it has already stays as it is."""
    given: State = {"version": 4, "terraform_version": source.get("terraform_version"), "lineage": str(uuid4())}
    given |= dict(target or {})
    there = {address for entry in _entries(target) for address in _addresses(entry)}
    new = {one.old: one.new for one in moved if one.new not in there}
    entries = {_base(entry): entry for entry in _entries(target)}
    for entry in _entries(source):
        for one in _instances(entry):
            address = _base(entry) + index_suffix(one.get("index_key"))
            if address in new:
                _put(entries, entry, one, new[address])
    given["resources"] = list(entries.values())
    given["outputs"] = {**(as_map(source.get("outputs")) if outputs else {}), **as_map(given.get("outputs"))}
    return _unchecked(given)


def same(source: Mapping[str, object], target: Mapping[str, object] | None, moved: Sequence[Pair]) -> frozenset[str]:
    """The old addresses of those that both states have: not only an address, but the same object in the world."""
    here, there = _objects(source), _objects(target)
    return frozenset(one.old for one in moved if one.old in here and here[one.old] == there.get(one.new))


def having(source: Mapping[str, object] | None, moved: Sequence[Pair]) -> tuple[Pair, ...]:
    """The pairs whose resource the source has."""
    here = {address for entry in _entries(source) for address in _addresses(entry)}
    return tuple(one for one in moved if one.old in here)


def without(source: Mapping[str, object], gone: frozenset[str], *, outputs: bool) -> State:
    """The source without these addresses and, for `outputs`, without its outputs."""
    kept: list[_Entry] = []
    for entry in _entries(source):
        stay = [one for one in _instances(entry) if _base(entry) + index_suffix(one.get("index_key")) not in gone]
        if stay:
            kept.append({**entry, "instances": stay})
    return _unchecked({**source, "resources": kept, "outputs": {} if outputs else as_map(source.get("outputs"))})


def _unchecked(state: State) -> State:
    """Without results of checks: they name addresses, and the next plan makes them anew."""
    return {name: value for name, value in state.items() if name != "check_results"}


def _taken(addresses: list[str]) -> Conflict:
    return Conflict(
        "address-taken",
        f"the target would have two resources with one address: {', '.join(addresses)}",
        next_step="Give them another address with OLD=NEW, or leave them out.",
        facts={"addresses": addresses},
    )


def _is_of(entry: _Entry, address: str, asked: str) -> bool:
    module = str(entry.get("module") or "")
    return asked in (address, _base(entry), module) or module.startswith((f"{asked}.", f"{asked}["))


def _renamed(entry: _Entry, address: str, asked: Pair) -> str:
    if asked.old == address or (asked.old == _base(entry) and asked.new.endswith("]")):
        return asked.new
    return asked.new + address[len(asked.old) :]


def _put(entries: dict[str, _Entry], entry: _Entry, one: Mapping[str, object], address: str) -> None:
    """Add an instance of a resource under another address; it joins those that the target has of its resource."""
    match = RESOURCE.fullmatch(address)
    assert match is not None  # noqa: S101 - made of an address of the state, or read
    base = address[: len(address) - len(match["index"] or "")]
    if base not in entries:
        made = {name: value for name, value in entry.items() if name not in ("module", "each", "instances")}
        made |= {"module": match["module"][:-1]} if match["module"] else {}
        entries[base] = {**made, "name": match["name"], "instances": []}
    key = index_key(match["index"] or "")
    placed = {name: value for name, value in one.items() if name != "index_key"}
    placed |= {} if key is None else {"index_key": key}
    entries[base] = {**entries[base], "instances": [*_instances(entries[base]), placed]}


def _objects(state: Mapping[str, object] | None) -> dict[str, dict[str, object]]:
    """What each address stands for, by the key of a deposed object: an ARN, else an id, else all attributes."""
    found: dict[str, dict[str, object]] = {}
    for entry in _entries(state):
        for one in _instances(entry):
            known = as_map(one.get("attributes")) or as_map(one.get("attributes_flat"))
            identity = known.get("arn") or known.get("id") or known
            address = _base(entry) + index_suffix(one.get("index_key"))
            found.setdefault(address, {})[str(one.get("deposed") or "")] = identity
    return found


def _entries(state: Mapping[str, object] | None) -> list[_Entry]:
    return cast("list[_Entry]", (state or {}).get("resources") or [])


def _instances(entry: Mapping[str, object]) -> list[_Entry]:
    return cast("list[_Entry]", entry.get("instances") or [])


def _base(entry: Mapping[str, object]) -> str:
    module = f"{entry['module']}." if entry.get("module") else ""
    return f"{module}{'data.' if entry.get('mode') == 'data' else ''}{entry['type']}.{entry['name']}"


def _addresses(entry: Mapping[str, object]) -> Iterator[str]:
    """Of its instances; one that has but a deposed object is there too."""
    yield from dict.fromkeys(_base(entry) + index_suffix(one.get("index_key")) for one in _instances(entry))
