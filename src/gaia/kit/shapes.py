"""The shape that data of unknown shape should have: what is of another one counts as empty.

For what terraform, git, a manifest or a document from elsewhere says, where a wrong shape is nobody's error to tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def as_map(value: object) -> dict[str, object]:
    """The value where it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_texts(value: object) -> list[str]:
    """The texts of a list, in their order; what else stands in it is left out."""
    return [one for one in as_list(value) if isinstance(one, str)]


def as_block(value: object) -> dict[str, object]:
    """A block of terraform's, which JSON has as a map or as a list of one."""
    return as_map(value[0] if isinstance(value, list) and len(value) == 1 else value)


def map_at(holder: Mapping[str, object], key: str) -> dict[str, object]:
    """The map at a key, empty where there is none."""
    return as_map(holder.get(key))
