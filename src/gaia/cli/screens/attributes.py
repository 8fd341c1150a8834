"""Which attributes of a change are worth a reader's time, and in what words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.cli.screens.format import value
from gaia.cli.screens.importance import matters, rank
from gaia.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from gaia.platform.model import Change

_SAID_ALREADY = frozenset({"tags_all"})
"""Repeats `tags`."""
_COMPUTED = frozenset(
    {"arn", "id", "key_id", "owner_id", "unique_id", "create_date", "creation_date", "region", "hosted_zone_id"}
)
_COMPUTED_ENDINGS = ("_domain_name", "_unique_id", "_zone_id", "_prefix")
"""The provider always makes these up; that they are not known yet says nothing."""
_LABELS = ("tags.", "labels.")
_INSTANCE_TAG = "gaia:instance"
"""Says what the heading above says."""
_INDEX = re.compile(r"\[\d+\]")
_IDENTITY = ("bucket", "name", "alias", "role", "id", "arn")


@dataclass(frozen=True, slots=True)
class Line:
    """One attribute: `text` is its value or, for an update, `before → after`."""

    name: str
    text: str
    unknown: bool = False
    matters: bool = False
    """Whether it is shown in any case."""
    forces: bool = False
    """Whether it forces the replacement."""


def lines(change: Change, limit: int | None = 100) -> tuple[Line, ...]:
    """What to show of a change, the important first. `limit`: the longest value; None shows everything."""
    found: tuple[Line, ...] = ()
    if change.action in ("update", "replace"):
        found = tuple(_differences(change, limit))
    elif change.action == "create":
        found = tuple(_created(change, limit))
    return found if limit is None else _short(found)


def _short(found: tuple[Line, ...]) -> tuple[Line, ...]:
    """`rule.encryption.algorithm` as `algorithm` where nothing else ends so; a label says that it is one."""
    tally = Counter(line.name.rpartition(".")[2] for line in found)
    ends = [(line, line.name.rpartition(".")[2]) for line in found]
    return tuple(
        replace(line, name=end) if tally[end] == 1 and not line.name.startswith(_LABELS) else line for line, end in ends
    )


def identity(change: Change) -> str:
    """The name by which people know the resource, or an empty text."""
    known = {**change.before, **{key: child for key, child in change.after.items() if child not in (None, UNKNOWN)}}
    return next((str(known[name]) for name in _IDENTITY if known.get(name)), "")


def _created(change: Change, limit: int | None) -> Iterator[Line]:
    """Known values first. Unknown ones share the last line: most of them the provider makes up."""
    flat = {name: child for name, child in _flat("", change.after) if not _is_empty(child)}
    if limit is not None and isinstance(labels := flat.get("tags"), Mapping):
        flat["tags"] = {name: child for name, child in labels.items() if name != _INSTANCE_TAG}
    unknown = sorted(
        (name for name, child in flat.items() if child == UNKNOWN), key=lambda n: (rank(change.type, n), n)
    )
    order = {name: (rank(change.type, name), not matters(change.type, name) and flat[name] is False) for name in flat}
    for name in sorted(flat, key=lambda name: (*order[name], name)):
        if limit is None or name not in unknown:
            yield Line(name, value(flat[name], limit), name in unknown, matters(change.type, name))
    telling = sorted((name for name in unknown if not _is_computed(name)), key=lambda name: (*order[name], name))
    if telling and limit is not None:
        yield Line(UNKNOWN, value(", ".join(name.rpartition(".")[2] for name in telling), limit), unknown=True)


def _differences(change: Change, limit: int | None) -> Iterator[Line]:
    before, after = dict(_flat("", change.before, tags=True)), dict(_flat("", change.after, tags=True))
    half = limit and limit // 2
    forcing = {name for name in {*before, *after} if _forces(change, name)}
    for name in sorted({*before, *after}, key=lambda name: (name not in forcing, rank(change.type, name), name)):
        old, new = before.get(name), after.get(name)
        same = old == new or (_is_empty(old) and _is_empty(new)) or (new == UNKNOWN and _is_computed(name))
        if same and name not in forcing:
            continue
        left = "(none)" if _is_empty(old) else value(old, half)
        right = "(none)" if _is_empty(new) else value(new, half)
        text = f"{left} → {right}"
        yield Line(name, text, new == UNKNOWN, matters(change.type, name) or name in forcing, name in forcing)


def _forces(change: Change, name: str) -> bool:
    """Whether the attribute, or one in it, or the block that it is in, forces the replacement."""
    paths = (_INDEX.sub("", path) for path in change.forced_by)
    return any(name == path or name.startswith(f"{path}.") or path.startswith(f"{name}.") for path in paths)


def _flat(prefix: str, content: Mapping[str, object], *, tags: bool = False) -> Iterator[tuple[str, object]]:
    """Nested blocks as `versioning_configuration.status`; a map of labels stays one line unless `tags`."""
    for key, child in content.items():
        if not prefix and key in _SAID_ALREADY:
            continue
        inner = child[0] if isinstance(child, list) and len(child) == 1 and isinstance(child[0], Mapping) else child
        name = f"{prefix}{key}"
        if isinstance(inner, Mapping) and inner and (tags or key != "tags"):
            yield from _flat(f"{name}.", inner, tags=tags)
        else:
            yield name, inner


def _is_empty(content: object) -> bool:
    return content is None or content in ("", [], {})


def _is_computed(name: str) -> bool:
    return name in _COMPUTED or name.endswith(_COMPUTED_ENDINGS)
