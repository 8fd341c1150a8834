"""Terraform commands of one attempt, each written down in the journal before it can change anything."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Defect
from gaia.kit.files import write_atomic
from gaia.kit.procfs import namespace
from gaia.operations.facts import read_facts
from gaia.operations.journal import read
from gaia.states.places import at_whole_key
from gaia.terraform.addresses import only_read
from gaia.terraform.command import GRACE
from gaia.terraform.core_log import begun_changes
from gaia.terraform.lock import read_lock_ids, unanswered_changes
from gaia.terraform.sensitive_inputs import learn_inputs
from gaia.terraform.workdir import forget, prepare, write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.errors import GaiaError
    from gaia.kit.procfs import Identity
    from gaia.operations.facts import Facts
    from gaia.operations.journal import Journal
    from gaia.operations.model import Operation
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.terraform.events import Event
    from gaia.terraform.plan import Plan
    from gaia.terraform.schemas import Schemas
    from gaia.terraform.state import State
    from gaia.terraform.values import Path as ValuePath
    from gaia.terraform.workdir import WorkingDirectory

_JOURNALLED = frozenset({"start", "complete", "failed"})
_LOCKED_BY = 20
"""Events of a command by which it has taken the state lock, if it takes one."""


class Session:
    """One attempt: the operation, its open journal, and its working directory once that is prepared."""

    def __init__(self, operation: Operation, journal: Journal) -> None:
        self.operation = operation
        self.journal = journal
        self._wd: WorkingDirectory | None = None
        self._schemas: Schemas | None = None
        self._planfile: Path | None = None
        self._commands = 0
        self._log: Path | None = None
        self._unseen = 0
        facts = read_facts(read(journal.document))
        first = not (facts.touched or facts.applying or facts.instead)
        self._saved = operation.saved if first else None
        """The plan to begin with: what an earlier attempt left needs one that accounts for it."""

    @property
    def facts(self) -> Facts:
        """What the journal says now."""
        return read_facts(read(self.journal.document))

    @property
    def wd(self) -> WorkingDirectory:
        """The working directory, prepared and initialised at its first use."""
        if self._wd is None:
            op = self.operation
            op.log("info", "preparing the working directory")
            wd = prepare(
                op.root,
                tree_source=op.tree,
                instance=op.instance,
                variables=op.variables,
                providers=op.providers,
                components=op.components,
                states=op.states,
                copying=op.copying,
                extra=op.extra,
                backends=op.backends,
            )
            try:
                if op.check_code is not None:
                    op.check_code(wd.code)
                learn_inputs(op.terraform, wd, op.variables)
                op.terraform.init(wd)
            except BaseException:
                forget(wd)
                raise
            self._wd = wd
        return self._wd

    def plan(self) -> Plan:
        """Make the plan that `apply` carries out, a refreshed one; the one before it is no longer there."""
        self._drop_plan()
        self._planfile = self._new_planfile()
        if self._saved is not None:
            saved, self._saved = self._saved, None
            write_private(self._planfile, saved.content)
            return saved.plan
        return self._plan(self._planfile, destroy=self.operation.destroy, targets=())

    def look(self, targets: tuple[str, ...]) -> Plan:
        """Read data sources, by a plan that is never applied: its file is another one, and gone afterwards."""
        planfile = self._new_planfile()
        try:
            return self._plan(planfile, destroy=False, targets=targets)
        finally:
            planfile.unlink(missing_ok=True)

    def _plan(self, planfile: Path, *, destroy: bool, targets: tuple[str, ...]) -> Plan:
        with self._core_log() as log:
            return self.operation.terraform.plan(
                self.wd,
                destroy=destroy,
                targets=targets,
                only_changes=not targets,
                flags=self.operation.plan_flags if not targets else (),
                on_event=self._tell,
                on_start=lambda identity: self._on_start("plan", identity),
                log_core=log,
                planfile=planfile,
            )

    def _new_planfile(self) -> Path:
        """A name that no other command, of this attempt or of one that was killed, writes to."""
        return self.wd.plans / f"{secrets.token_hex(8)}.planfile"

    def _drop_plan(self) -> None:
        if self._planfile is not None:
            self._planfile.unlink(missing_ok=True)
            self._planfile = None

    def close(self) -> None:
        """Take away what holds values in clear: plan files and the varfile."""
        self._planfile = None
        if self._wd is not None:
            forget(self._wd)

    def apply(self, expected: str) -> None:
        """Apply the last plan, whose hash is `expected`; every begin and end of a change is on the disk at once.

        Raises:
            Conflict: `plan-changed` when the file is another one; terraform was not started then.
        """
        if self._planfile is None:
            raise Defect("apply-unplanned", "nothing was planned that could be applied", next_step="Report this.")
        terraform = self.operation.terraform
        told = terraform.interrupt.watched(self._on_interrupt) if terraform.interrupt else nullcontext()
        with self._core_log() as log, told:
            terraform.apply(
                self.wd,
                on_event=self._on_event,
                on_start=lambda identity: self._on_start("apply", identity),
                log_core=log,
                planfile=self._planfile,
                expected=expected,
                flags=self.operation.apply_flags,
            )

    def unlock(self, lock: str) -> None:
        """Release a lock of ours; the backend compares the id."""
        try:
            self.operation.terraform.force_unlock(self.wd, lock)
        except Conflict as error:
            placed = at_whole_key(self.operation.instance) if self.operation.backends else None
            if placed is None or (lock_of(error) or {}).get("id") != lock:
                raise
            with self._beside(placed) as wd:
                self.operation.terraform.force_unlock(wd, lock)
        self.journal.append("recovered", did=f"released the state lock {lock}")

    @contextmanager
    def _beside(self, instance: Instance) -> Iterator[WorkingDirectory]:
        """The same code in another folder, with another place for the state."""
        op = self.operation
        folder = op.root / "beside"
        wd = prepare(
            folder, tree_source=op.tree, instance=instance, variables={}, components=op.components, copying=op.copying
        )
        try:
            op.terraform.init(wd)
            yield wd
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def untaint(self, address: str) -> None:
        """Keep a resource whose creation was cut off."""
        self.operation.terraform.untaint(self.wd, address)
        self.journal.append("recovered", did=f"kept {address}, whose creation was cut off")

    def state(self) -> State | None:
        """The state as the backend has it."""
        return self.operation.terraform.state_pull(self.wd)

    def is_set(self, _instance: InstanceKey, resource: str, path: ValuePath) -> bool:
        """Whether there is a set in resources of a type, as the provider says, which is asked once."""
        if self._schemas is None:
            self._schemas = self.operation.terraform.schemas(self.wd)
        return self._schemas.is_set(resource, path)

    def write(self, name: str, content: bytes) -> None:
        """Put a file of ours beside the component's code, for the next plan."""
        write_atomic(self.wd.module / name, content)

    def remove(self, name: str) -> None:
        """Take it away again."""
        if self._wd is not None:
            (self._wd.module / name).unlink(missing_ok=True)

    def read_core_logs(self) -> None:
        """Move what terraform processes of earlier attempts wrote by themselves into the journal."""
        known = self.facts
        for path in sorted(self._core_folder().glob("*.log")):
            self._keep(path, known)
        self._keep_locks(self.operation.root / "core.log", known)
        if known.applying and known.folder not in ("", str(self.operation.root)):
            self._suspect(self.facts)

    def _suspect(self, known: Facts) -> None:
        """An application was cut off elsewhere, its terraform's log with it: it may have begun all that it meant to."""
        for address in known.meant:
            if address not in known.touched:
                self.journal.append("start", address=address, action="unknown")

    @contextmanager
    def _core_log(self) -> Iterator[Path]:
        self._commands += 1
        folder = self._core_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{self._commands:03}.log"
        self._log, self._unseen = path, _LOCKED_BY
        try:
            yield path
        finally:
            self._log = None
            self._keep(path, self.facts)

    def _keep(self, path: Path, known: Facts) -> None:
        """Journal the locks and begun changes of a core log, then delete it: warnings in it may quote attributes."""
        try:
            text = path.read_text("utf-8", "replace")
        except FileNotFoundError:
            return
        self._keep_locks(path, known)
        for address in begun_changes(text):
            if address not in known.touched:
                self.journal.append("start", address=address, action="unknown")
        for address in unanswered_changes(text.splitlines()):
            self._keep_unanswered(address)
        path.unlink()

    def _keep_unanswered(self, address: str) -> None:
        """Journal that nobody knows what came of a change, where the journal takes it for refused."""
        known = self.facts.touched.get(address)
        if known is not None and known.failed:
            self.journal.append("unanswered", address=address)

    def _keep_locks(self, path: Path, known: Facts) -> None:
        """Journal the locks that were asked for and not given back; short commands (untaint) share one core log."""
        for lock in read_lock_ids(path):
            if lock not in known.locks:
                self.journal.append("lock", id=lock)

    def _note_lock(self) -> None:
        """Journal the state lock as soon as it is asked for: who goes on elsewhere has no log of this machine."""
        if self._log is not None and self._unseen:
            self._unseen -= 1
            for lock in read_lock_ids(self._log):
                self.journal.append("lock", id=lock)
                self._unseen = 0

    def _core_folder(self) -> Path:
        return self.operation.root / "core"

    def _on_start(self, what: str, identity: Identity) -> None:
        about = {"pid": identity.pid, "started": identity.started, "boot": identity.boot, "namespace": namespace()}
        self.journal.append("child", what=what, **about)

    def _on_event(self, event: Event) -> None:
        """Journal what an apply changes, then say it; what it reads is no fact about what it made."""
        self._note_lock()
        if event.kind in _JOURNALLED and not only_read(event.address):
            self.journal.append(event.kind, address=event.address, type=event.type, action=event.action, id=event.id)
        if event.diagnostic is not None and event.diagnostic.unanswered:
            self._keep_unanswered(event.address)
        self._tell(event)

    def _tell(self, event: Event) -> None:
        """Say it and journal nothing of it: a plan changes nothing, so whatever it reports is no fact."""
        self._note_lock()
        level = "error" if event.kind in ("failed", "diagnostic") else "info"
        if event.diagnostic is not None and event.diagnostic.severity == "warning":
            level = "warn"
        self.operation.log(level, event.summary, event.as_json())

    def _on_interrupt(self, times: int) -> None:
        asked = f"stopping: terraform is asked to end, and has {GRACE[0] / 60:.0f} minutes for it"
        half = "what it had in hand may be half made. Interrupting again kills it"
        self.operation.log("warn", f"{asked}; {half}" if times == 1 else "stopping: killing terraform")

    def check_stop(self) -> None:
        """Raise when the engine asked for an end.

        Raises:
            Conflict: `interrupted`.
        """
        self.operation.terraform.check_interrupt()


def lock_of(error: GaiaError) -> dict[str, str] | None:
    """The facts of the lock that a command stumbled over, or None for another error."""
    lock = error.facts.get("lock")
    if error.code != "state-locked":
        return None
    return {str(name): str(value) for name, value in lock.items()} if isinstance(lock, dict) else {}
