"""The lock of an instance's state: who holds it, whether that process lives, and its release."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from gaia.errors import Conflict, GaiaError, Next, NotFound
from gaia.kit.files import write_failed
from gaia.kit.procfs import boot, named, namespace
from gaia.operations.facts import read_facts
from gaia.operations.holder import PROGRAMS, Machine, Ours, holder_of
from gaia.operations.journal import read
from gaia.operations.session import lock_of
from gaia.operations.survivors import end_survivors, survivors
from gaia.platform.instances.outputs import working_folder
from gaia.states import found as lying
from gaia.states.places import FilePlace, ObjectPlace, at_whole_key
from gaia.states.reading import Reader
from gaia.terraform.diagnostics import LockInfo
from gaia.terraform.lock import forget, read_lock_ids
from gaia.terraform.workdir import alone_if_free, alone_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.operations.holder import Holder
    from gaia.stacks.model import Instance
    from gaia.states.places import Place
    from gaia.terraform.workdir import WorkingDirectory

_READERS = 8
_NOTHING = "terraform_data.gaia_asks_who_locks"
"""An address that nobody has."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A state that is locked."""

    instance: Instance
    place: Place
    lock: LockInfo
    ours: bool
    """Whether Gaia, here, had terraform take it."""
    holder: Holder

    def as_json(self) -> dict[str, object]:
        """`{instance, place, id, who, host, since, operation, version, ours, holder, why, pids}`."""
        return {
            "instance": str(self.instance.key),
            "place": str(self.place),
            "id": self.lock.id,
            "who": self.lock.who,
            "host": self.lock.host,
            "since": self.lock.created,
            "operation": self.lock.operation,
            "version": self.lock.version,
            "ours": self.ours,
            "holder": self.holder.life,
            "why": self.holder.why,
            "pids": list(self.holder.pids),
        }


class Locks:
    """The locks of a checkout's instances."""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout
        self._reader = Reader(checkout.ground)

    @cached_property
    def _machine(self) -> Machine:
        return Machine(os.uname().nodename, named(PROGRAMS), self._checkout.sees_all())

    def every(self, instances: Sequence[Instance]) -> tuple[list[Locked], list[Instance]]:
        """Those that are locked, and the instances of which it was not found out: only terraform can, or it failed."""

        def noted(instance: Instance) -> LockInfo | Literal[False] | None:
            try:
                return self._noted(instance)
            except GaiaError:  # of one alone it is said why
                return False

        with ThreadPoolExecutor(_READERS) as readers:
            answers = list(readers.map(noted, instances))
        pairs = list(zip(instances, answers, strict=True))
        locked = [self._locked(one, lock) for one, lock in pairs if isinstance(lock, LockInfo)]
        return locked, [one for one, lock in pairs if lock is False]

    def instance(self, component: str, stack: str) -> Instance:
        """One of the checkout, or of a request under way, whose manifest is not here yet.

        Raises:
            As `Checkout.instance`.
        """
        try:
            return self._checkout.instance(component, stack)
        except NotFound:
            here = frozenset(map(str, self._checkout.files.repository.forgiving().instances))
            for one in self._checkout.records.elsewhere(here):
                if (one.key.component, one.key.stack) == (component, stack):
                    return one
            raise

    def of(self, instance: Instance) -> Locked | None:
        """The lock of one; None when its state is free.

        Raises:
            Unavailable: `aws-unreachable`, `bucket-missing`. Refused: `state-refused`. Whatever `init` raises, where
                only terraform can ask.
        """
        lock = self._noted(instance)
        if lock is False:
            lock = self._asked(instance)
        return self._locked(instance, lock) if lock else None

    def _asked(self, instance: Instance) -> LockInfo | None:
        """By terraform, which takes a lock that is free for a moment, and writes nothing."""
        with self._directory(instance) as directory:
            try:
                self._checkout.terraform(instance).untaint(directory, _NOTHING, may_miss=True)
            except Conflict as error:
                if not (lock := lock_of(error)):
                    raise
                return LockInfo(**lock)
        return None

    def release(self, locked: Locked, *, even_alive: bool = False) -> None:
        """Release exactly this lock. A lease forbids nothing: a parked request that waits for the lock has one.

        Raises:
            Conflict: `lock-alive` while its holder lives, `lock-changed` when it is no longer the one that was shown.
            ToolFailed: `terraform-failed`.
        """
        instance, key = locked.instance, locked.instance.key
        now = self.of(instance)
        if now is None or now.lock.id != locked.lock.id:
            raise Conflict(
                "lock-changed",
                f"the lock {locked.lock.id} of {key} is gone"
                + (f", and {now.lock.who} holds another one" if now else ""),
                next_step=Next("unlock", key.component, "Look again", stack=key.stack, options=("--dry-run",)),
            )
        local = isinstance(locked.place, FilePlace)
        if now.holder.life == "alive" and (local or not even_alive):
            raise alive(now)
        self._release(now)
        self._checkout.records.note(instance, f"unlock {locked.lock.id}")

    def release_left(self, instance: Instance, folder: Path) -> None:
        """Give back what a killed command of ours has left locked, of which nothing was journalled: a plan.

        The caller is alone in the folder. Of a lock that is not there, or another's, nothing happens.

        Raises:
            As `of`. Unavailable: `survivors-alive`.
        """
        log = folder / "core.log"
        if not (left := read_lock_ids(log)):
            return
        end_survivors(folder)
        found = self.of(instance)
        if found is not None and found.lock.id in left:
            self._checkout.tell(f"releasing the lock {found.lock.id}, which a command that was killed has left")
            self._release(found)
        forget(log)

    def _release(self, locked: Locked) -> None:
        instance = locked.instance
        if isinstance(locked.place, FilePlace):
            _remove(lying.note_beside(locked.place))
        else:
            said = self._checkout.files.backends
            with self._directory((at_whole_key(instance) if said else None) or instance) as directory:
                self._checkout.terraform(instance).force_unlock(directory, locked.lock.id)

    def _noted(self, instance: Instance) -> LockInfo | Literal[False] | None:
        """What terraform noted where the state lies; False where only terraform can ask."""
        place = self._reader.place(instance)
        if isinstance(place, FilePlace):
            note = lying.file_note(place)
            return LockInfo.parse(note) if note else None
        buckets = self._reader.buckets(instance)
        if not isinstance(place, ObjectPlace) or buckets.credentials(place.bucket) is None:
            return False
        found = buckets.note(place)
        return False if found is None else LockInfo.parse(found) if found else None

    def _locked(self, instance: Instance, lock: LockInfo) -> Locked:
        place = self._reader.place(instance)
        ours = self._ours(instance, lock)
        held = lying.is_held(place) if isinstance(place, FilePlace) else None
        return Locked(instance, place, lock, ours is not None, holder_of(lock, self._machine, ours, held))

    def _ours(self, instance: Instance, lock: LockInfo) -> Ours | None:
        """By the journals, and by what terraform wrote in the instance's folders."""
        facts = [read_facts(read(journal)) for journal in self._checkout.records.every_journal(instance)]
        mine = [one for one in facts if lock.id in one.locks]
        folders = [working_folder(self._checkout.workplace, instance, use) for use in ("work", "plan", "read")]
        logged = [one for one in folders if any(lock.id in read_lock_ids(log) for log in _core_logs(one))]
        alive = {pid.pid for one in mine for pid in one.processes if pid.alive()}
        alive |= {one.pid for folder in folders for one in survivors((), folder)}
        used = any(_in_use(folder) for folder in folders)
        if not (mine or logged or alive or used):
            return None
        if not (mine or logged) and lock.host != self._machine.name:
            return None  # what works here now did not take what was taken elsewhere
        here = boot(), namespace()
        return Ours(tuple(sorted(alive)), used, seen=bool(mine) and all(one.seen_from(*here) for one in mine))

    @contextmanager
    def _directory(self, instance: Instance) -> Iterator[WorkingDirectory]:
        """Where terraform is asked: not the instance's own folder, which a living one of ours may be in."""
        folder = working_folder(self._checkout.workplace, instance, "read")
        with alone_in(folder), self._checkout.outputs(instance).prepared(folder, instance, {}) as directory:
            yield directory


def alive(locked: Locked) -> Conflict:
    """The refusal to release a lock whose holder lives."""
    key = locked.instance.key
    return Conflict(
        "lock-alive",
        f"{locked.lock.who or 'somebody'} holds the lock of {key} and lives: {locked.holder.why}",
        next_step="Wait until that has ended, or end it and look again.",
        facts={"lock": locked.as_json()},
    )


def _core_logs(folder: Path) -> Iterator[Path]:
    yield folder / "core.log"
    yield from sorted((folder / "core").glob("*.log"))


def _in_use(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    with alone_if_free(folder) as free:
        return not free


def _remove(note: Path) -> None:
    try:
        note.unlink(missing_ok=True)
    except OSError as error:
        raise write_failed(note, error) from error
