"""What is released where, by which commit, and whether the files are still what the release is made into."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import gaia.gitops
from gaia.errors import GaiaError
from gaia.gitops import layout as layouts
from gaia.gitops import reading
from gaia.gitops.model import Place
from gaia.kit.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.gitops.locks import Lock
    from gaia.gitops.releasing import Releases

State = Literal["current", "stale", "broken"]
_FIELDS = ("H", "cI", "(trailers:key=Gaia-Release,valueonly,separator=%x20)", "(trailers:key=Gaia-Request,valueonly)")
_DEEP = len(("applications", "TENANT", "STAGE", "SERVICE", reading.FILE))
_MOST_COMMITS = 20_000
"""That are looked through for when something was released."""
_MOST_KEPT = 20_000
"""Releases that are remembered."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A service in a stage."""

    tenant: str
    stage: str
    service: str
    state: State
    """`stale`: somebody changed files by hand, or another version of Gaia wrote them."""
    image: str | None
    commit: str | None
    """That released it; None where no release of ours is in the history."""
    at: str | None
    request: str | None
    why: str = ""
    """What is wrong with a broken one."""
    lock: Lock | None = None

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {**asdict(self), "lock": self.lock.as_json() if self.lock else None}


def standings(releases: Releases, cache: Path, service: str | None = None) -> tuple[Standing, ...]:
    """Every release, or those of one service, in the order of tenants, services and stages."""
    paths = [path for path in releases.listing if _is_source(path) and service in (None, path.split("/")[3])]
    contents = releases.repository.contents(releases.listing[path] for path in paths)
    history = history_of(releases)
    known = _Known(cache / "gitops" / "made.json", releases)
    found = [_standing(releases, path, contents[releases.listing[path]], history, known) for path in paths]
    known.keep()
    order = list(releases.layout.stages)
    rank = {stage: number for number, stage in enumerate(order)}
    return tuple(sorted(found, key=lambda one: (one.tenant, one.service, rank.get(one.stage, len(rank)), one.stage)))


def _is_source(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == _DEEP and (parts[0], parts[-1]) == ("applications", reading.FILE)


def _standing(
    releases: Releases, path: str, content: str, history: Mapping[str, tuple[str, str, str]], known: _Known
) -> Standing:
    _, tenant, stage, service, _ = path.split("/")
    commit, at, request = history.get(f"{tenant}/{stage}/{service}", (None, None, None))
    told = known.of(path)
    try:
        if told is None:
            release = releases.at(path, content)
            told = ["stale" if releases.is_stale(release) else "current", str(release.image)]
            known.add(path, told)
        lock = releases.lock(Place(tenant, stage, service))
    except GaiaError as error:
        place = f"{error.at}: " if error.at else ""
        return Standing(tenant, stage, service, "broken", None, commit, at, request or None, place + error.message)
    state: State = "stale" if told[0] == "stale" else "current"
    return Standing(tenant, stage, service, state, told[1], commit, at, request or None, lock=lock)


def history_of(releases: Releases) -> dict[str, tuple[str, str, str]]:
    """The newest release of each place `TENANT/STAGE/SERVICE`: its commit, its time and the request that it was for."""
    form = "%x1e" + "%x1f".join(f"%{one}" for one in _FIELDS)
    git, base = releases.repository.git, releases.repository.base
    found: dict[str, tuple[str, str, str]] = {}
    for entry in git("log", f"--max-count={_MOST_COMMITS}", f"--format={form}", base).split("\x1e")[1:]:
        commit, at, place, request = (part.strip() for part in entry.split("\x1f"))
        if place:
            found.setdefault(place, (commit, at, request))
    return found


class _Known:
    """What was made of the very same files before: nothing is rendered twice."""

    def __init__(self, path: Path, releases: Releases) -> None:
        self._path, self._listing = path, releases.listing
        self._said = _remembered(path)
        self._used: dict[str, object] = {}
        self._before = [_of_this_room(), self._listing.get(layouts.FILE, "")]
        self._folders: dict[str, list[str]] = {}
        for file, one in self._listing.items():
            if file.startswith("applications/"):
                self._folders.setdefault("/".join(file.split("/")[:4]), []).append(f"{file} {one}")

    def of(self, path: str) -> list[str] | None:
        """What was found of the release in this file, and of all files beside it."""
        key = self._key(path)
        said = self._said.get(key)
        if isinstance(said, list):
            self._used[key] = said
            return said
        return None

    def add(self, path: str, told: list[str]) -> None:
        """Remember it."""
        self._used[self._key(path)] = told

    def keep(self) -> None:
        """For the next time; of what was not asked for now, as long as it is not too much."""
        if any(key not in self._said for key in self._used):
            before = self._said if len(self._said) < _MOST_KEPT else {}
            write_atomic(self._path, json.dumps({**before, **self._used}).encode())

    def _key(self, path: str) -> str:
        parts: Iterable[str] = (*self._before, *self._folders.get(path.rpartition("/")[0], []))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _remembered(path: Path) -> dict[str, object]:
    """What was found earlier; nothing where that cannot be read, for it can be found again."""
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _of_this_room() -> str:
    """Of the code that makes files: what another version made is made anew."""
    found = hashlib.sha256()
    for file in sorted(Path(gaia.gitops.__file__).parent.glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()
