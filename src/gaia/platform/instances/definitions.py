"""Where the instances of a request are defined: those that stay at its commit, those that leave at an earlier one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.platform.services import live_services

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from gaia.platform.context import PlatformContext
    from gaia.platform.snapshot import Snapshot
    from gaia.records.model import Request
    from gaia.stacks.model import Instance


@dataclass(frozen=True, slots=True)
class Part:
    """Instances of one commit that are planned together."""

    snapshot: Snapshot
    instances: tuple[Instance, ...]
    destroy: bool


class Definitions:
    """The instances of a request, whose own are at `commit` and whose others were at `base` or before."""

    def __init__(self, platform: PlatformContext, request: Request, commit: str, base: str = "") -> None:
        self._platform = platform
        self._request = request
        self._commit = commit
        self._base = base or commit
        self._found: dict[str, Snapshot] = {}

    def destroys(self, key: str) -> bool:
        """Whether the request is to destroy it."""
        return self._request.is_retirement or key in self._request.leaving

    def snapshot(self, key: str) -> Snapshot:
        """The commit that an instance is read from; for one that is nowhere, where it should be."""
        if key not in self._found:
            self._found[key] = self._snapshot(key)
        return self._found[key]

    def instance(self, key: str) -> Instance:
        """An instance as it is to be, or was."""
        [found] = self.snapshot(key).instances([key])
        return found

    def parts(self, keys: Iterable[str]) -> list[Part]:
        """Instances by commit and by what is done with them, in the order given."""
        found: dict[tuple[str, bool], tuple[Snapshot, list[str]]] = {}
        for key in keys:
            snapshot = self.snapshot(key)
            found.setdefault((snapshot.commit, self.destroys(key)), (snapshot, []))[1].append(key)
        return [
            Part(snapshot, tuple(snapshot.instances(mine)), destroy) for (_, destroy), (snapshot, mine) in found.items()
        ]

    def _snapshot(self, key: str) -> Snapshot:
        first = self._platform.snapshot(self._commit if key not in self._request.leaving else self._base)
        if not self.destroys(key) or _has(first, key):
            return first
        with self._platform.database.read() as tx:
            before = list(live_services.before(tx, self._request))
        commits = (commit for one in before for commit in (one.commit, one.base) if commit)
        return next((one for one in map(self._platform.snapshot, commits) if _has(one, key)), first)


def leftovers(platform: PlatformContext, request: Request) -> Iterator[str]:
    """What a service may have of changes that were begun and not finished, the newest first."""
    with platform.database.read() as tx:
        for one in live_services.before(tx, request):
            if one.status == "done" or not one.is_change:
                return
            yield from one.instances


def written_by(platform: PlatformContext, request: Request) -> Request | None:
    """The request whose manifest was published last, of those that it follows."""
    with platform.database.read() as tx:
        return next((one for one in live_services.before(tx, request) if one.status == "done"), None)


def unpublished(
    platform: PlatformContext, here: Collection[str], *, but: tuple[str, str] = ("", "")
) -> Iterator[Instance]:
    """Instances of live services that are not among those `here`: what their states hold is theirs, and nobody else's.

    `but` is a stack and a service that do not count.
    """
    with platform.database.read() as tx:
        live = live_services.by_name(tx, platform.repository)
    for other in live.values():
        if (other.stack, other.service) == but:
            continue
        defined = Definitions(platform, other, other.source_commit, str(other.base))
        for key in other.instances:
            with suppress(GaiaError):  # a commit that has gone: then the guard asks once too often
                if key not in here:
                    yield defined.instance(key)


def _has(snapshot: Snapshot, key: str) -> bool:
    return any(str(one) == key for one in snapshot.repository.instances)
