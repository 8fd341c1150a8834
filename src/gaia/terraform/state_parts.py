"""Taking resources out of one state and putting them into another. Pure: states are documents of version 4."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from gaia.errors import Conflict, Invalid, NotFound
from gaia.terraform.state import index_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ADDRESS = re.compile(
    r"(?P<module>(?:module\.[\w-]+(?:\[[^\]]+\])?\.)*)(?P<mode>data\.)?(?P<type>[a-z]\w*)\.(?P<name>[\w-]+)"
    r"(?P<index>\[[^\]]+\])?"
)
_MODULE = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]+\])?)(?:\.module\.[\w-]+(?:\[[^\]]+\])?)*")


@dataclass(frozen=True, slots=True)
class Moved:
    """Two states after a move, and what was moved."""

    source: dict[str, object]
    target: dict[str, object]
    addresses: tuple[str, ...]
    """As they are called in the target."""


def moved(source: Mapping[str, object], target: Mapping[str, object] | None, wanted: Sequence[str]) -> Moved:
    """Move resources from `source` to `target`.

    Args:
        source: the state that has them.
        target: the state that gets them; None where there is none yet.
        wanted: addresses of resources, of single instances of them, or of modules; `OLD=NEW` gives another address.
            Empty: everything, outputs too.

    Raises:
        NotFound: `address-unknown`. Invalid: `address-invalid`.
        Conflict: `address-taken` where the target has a resource of that address.
    """
    left, given = copy.deepcopy(dict(source)), _empty_like(source) if target is None else copy.deepcopy(dict(target))
    renames = dict(_pair(one) for one in wanted)
    taken: list[dict[str, object]] = []
    used: set[str] = set()
    kept: list[dict[str, object]] = []
    for entry in _entries(left):
        go, stay = _parted(entry, renames, used)
        taken += [_renamed(entry, one, renames) for one in go] if wanted else [entry]
        if wanted and stay:
            kept.append({**entry, "instances": stay})
    if missing := [one for one in renames if one not in used] if wanted else []:
        raise NotFound(
            "address-unknown",
            f"the state has no {', '.join(missing)}",
            next_step="`terraform state list` shows what it has.",
        )
    there = {address for entry in _entries(given) for address in _addresses(entry)}
    names = tuple(address for entry in taken for address in _addresses(entry))
    if clash := sorted(there & set(names)):
        raise Conflict(
            "address-taken",
            f"the target has these already: {', '.join(clash)}",
            next_step="Give them another address with OLD=NEW, or leave them out.",
            facts={"addresses": clash},
        )
    given["resources"] = _joined([*_entries(given), *taken])
    left["resources"] = kept
    if not wanted:
        given["outputs"] = {**cast("dict[str, object]", left.get("outputs") or {}), **_map(given.get("outputs"))}
        left["outputs"] = {}
    for state in (left, given):
        state.pop("check_results", None)  # they name addresses; the next plan makes them anew
        state["serial"] = int(cast("int", state.get("serial") or 0)) + 1
    return Moved(left, given, names)


def _empty_like(source: Mapping[str, object]) -> dict[str, object]:
    version = source.get("terraform_version")
    return {
        "version": 4,
        "terraform_version": version,
        "serial": 0,
        "lineage": str(uuid4()),
        "outputs": {},
        "resources": [],
    }


def _pair(text: str) -> tuple[str, str]:
    match = _ADDRESS.match(text) or _MODULE.match(text)
    old = match[0] if match else ""
    whole = _MODULE.fullmatch(text)
    if whole:
        return text, text
    rest = text[len(old) :]
    if not old or (rest and not rest.startswith("=")):
        module = _MODULE.match(text)
        if module and text[module.end() :].startswith("="):
            old, rest = module[0], text[module.end() :]
        else:
            raise Invalid("address-invalid", f"{text!r} is not an address", next_step="Write it as TYPE.NAME.")
    new = rest[1:] or old
    fits = _MODULE if _MODULE.fullmatch(old) else _ADDRESS
    if not fits.fullmatch(new):
        raise Invalid("address-invalid", f"{new!r} is not an address", next_step="Write it as TYPE.NAME.")
    return old, new


def _entries(state: Mapping[str, object]) -> list[dict[str, object]]:
    found = state.get("resources")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _base(entry: Mapping[str, object]) -> str:
    module = f"{entry['module']}." if entry.get("module") else ""
    return f"{module}{'data.' if entry.get('mode') == 'data' else ''}{entry['type']}.{entry['name']}"


def _addresses(entry: Mapping[str, object]) -> Iterator[str]:
    for one in cast("list[dict[str, object]]", entry.get("instances") or []):
        if not one.get("deposed"):
            yield _base(entry) + index_suffix(one.get("index_key"))


def _parted(
    entry: Mapping[str, object], renames: Mapping[str, str], used: set[str]
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """The instances that go and those that stay."""
    base, module = _base(entry), str(entry.get("module") or "")
    wholly = [one for one in renames if one == base or (module and (module == one or module.startswith(f"{one}.")))]
    go: list[dict[str, object]] = []
    stay: list[dict[str, object]] = []
    for one in cast("list[dict[str, object]]", entry.get("instances") or []):
        address = base + index_suffix(one.get("index_key"))
        named = wholly or [each for each in renames if each == address]
        used.update(named)
        (go if named else stay).append(one)
    return go, stay


def _renamed(entry: Mapping[str, object], one: dict[str, object], renames: Mapping[str, str]) -> dict[str, object]:
    base = _base(entry)
    address = base + index_suffix(one.get("index_key"))
    module = str(entry.get("module") or "")
    key = next((each for each in (address, base) if each in renames), None)
    made = {**entry, "instances": [one]}
    if key is None:
        old = next(each for each in renames if module == each or module.startswith(f"{each}."))
        made["module"] = renames[old] + module[len(old) :]
        return made
    match = _ADDRESS.fullmatch(renames[key])
    if match is None or match["type"] != entry["type"]:
        raise Invalid(
            "address-invalid",
            f"{key} cannot become {renames[key]}: that is another type",
            next_step="A move keeps the type of a resource.",
        )
    made["name"] = match["name"]
    made.pop("module", None)
    if match["module"]:
        made["module"] = match["module"].removesuffix(".")
    if match["index"] or key == address:
        instance = dict(one)
        instance.pop("index_key", None)
        if match["index"]:
            text = match["index"][1:-1]
            instance["index_key"] = text[1:-1] if text.startswith('"') else int(text)
        made["instances"] = [instance]
    return made


def _joined(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    """Entries of one resource in one, as terraform writes them."""
    found: dict[tuple[str, str], dict[str, object]] = {}
    for entry in entries:
        key = (_base(entry), str(entry.get("provider")))
        known = found.get(key)
        if known is None:
            found[key] = {**entry, "instances": list(cast("list[object]", entry.get("instances") or []))}
        else:
            cast("list[object]", known["instances"]).extend(cast("list[object]", entry.get("instances") or []))
    return list(found.values())


def _map(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
