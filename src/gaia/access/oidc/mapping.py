"""Which role members of which group have, and where. Who is in no group that is named here has none."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast, get_args

from gaia.errors import Invalid, Position, Unavailable
from gaia.kit.visible import cut, visible
from gaia.records.model import ANY, Grant, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from gaia.kit.yaml import Document

_FIELDS = {"role", "tenant", "stage"}
_STEP = "Write it as groups: {GROUP: [{role: developer, tenant: acme, stage: dev}]}; see the page on configuration."


class GroupRoles:
    """The file, read again when it has changed. Safe for many threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, int, int], Mapping[str, tuple[Grant, ...]]] | None = None

    def grants(self, groups: Collection[str]) -> tuple[Grant, ...]:
        """What the members of all of these groups have together.

        Raises:
            Unavailable: `roles-unusable`: then nobody has anything.
        """
        known = self._known()
        return tuple(sorted({grant for group in groups for grant in known.get(group, ())}))

    def _known(self) -> Mapping[str, tuple[Grant, ...]]:
        try:
            found = self._path.stat()
            mark = (found.st_mtime_ns, found.st_size, found.st_ino)
            with self._lock:
                if self._read is None or self._read[0] != mark:
                    self._read = mark, read(self._path)
                return self._read[1]
        except OSError as error:
            raise _unusable(f"cannot read {self._path}: {error.strerror}") from error
        except Invalid as error:
            raise _unusable(f"{error.at}: {error.message}" if error.at else error.message) from error


def read(path: Path) -> Mapping[str, tuple[Grant, ...]]:
    """What the file says.

    Raises:
        Invalid: `roles-invalid`, `yaml-…`, with the place. OSError: it cannot be read.
    """
    from gaia.kit.only_document import read_only

    document = read_only(path, path.name)
    held = document.value
    if not isinstance(held, dict) or set(held) != {"groups"} or not isinstance(held["groups"], dict):
        raise _wrong(Position(path.name, 1), "the file holds no map `groups`")
    return {group: tuple(_grants(document, group, rows)) for group, rows in held["groups"].items()}


def _grants(document: Document, group: str, rows: object) -> Iterator[Grant]:
    at = document.at(("groups", group))
    if not isinstance(rows, list):
        raise _wrong(at, f"the group {_shown(group)} has no list of roles")
    for row in rows:
        if not isinstance(row, dict) or not {"role"} <= set(row) <= _FIELDS:
            raise _wrong(at, f"a role of the group {_shown(group)} has other fields than role, tenant and stage")
        texts = {name: row.get(name, ANY) for name in ("role", "tenant", "stage")}
        if not all(isinstance(one, str) and one for one in texts.values()):
            raise _wrong(at, f"a role of the group {_shown(group)} has a value that is no text")
        if texts["role"] not in get_args(Role):
            raise _wrong(at, f"there is no role {_shown(texts['role'])}")
        yield Grant(cast("Role", texts["role"]), texts["tenant"], texts["stage"])


def _shown(text: str) -> str:
    return visible(cut(text, 100))


def _wrong(at: Position, message: str) -> Invalid:
    return Invalid("roles-invalid", message, next_step=_STEP, at=at)


def _unusable(message: str) -> Unavailable:
    return Unavailable(
        "roles-unusable",
        f"nobody can be given a role by their groups: {message}",
        next_step=f"Put it right; GAIA_OIDC_ROLES says where it is. {_STEP}",
    )
