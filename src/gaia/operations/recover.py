"""Brings an instance to a plan that may be compared, judged and applied, whatever an earlier attempt left behind.

`decide` says what to do, this carries it out: ends survivors, releases our own lock, plans, keeps what was half made,
searches for what exists but is not in the state, and writes `import` blocks for it. A first attempt takes the same way;
for it the way is one plan long.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Defect, GaiaError
from gaia.operations import search
from gaia.operations.decide import (
    End,
    Import,
    MakePlan,
    Park,
    Proceed,
    Search,
    Situation,
    Unlock,
    Untaint,
    decide,
)
from gaia.operations.planned import Planned, read_planned
from gaia.operations.session import lock_of
from gaia.operations.survivors import end_survivors, survivors
from gaia.terraform.core_log import missing_imports
from gaia.terraform.diagnostics import LockInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.operations.decide import RecoveryStep
    from gaia.operations.session import Session
    from gaia.terraform.plan import Plan

IMPORTS_FILE = "gaia_import.tf.json"
_ROUNDS = 24
"""Far more than any recovery takes; a loop that does not end is a defect, not a wait."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """A plan that accounts for everything that exists."""

    plan: Plan
    planned: tuple[Planned, ...]
    imports: int


class _Recovery:
    """The loop's state: the situation, and the plan that it was read from."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.plan: Plan | None = None
        self.situation = Situation(session.facts, keeps=session.operation.keeps)

    def look_back(self) -> None:
        """See which processes survived; the core log is read when none is left that could add to it."""
        alive = survivors(self.situation.facts.processes, self.session.operation.root)
        if not alive:
            self.session.read_core_logs()
        pids = tuple(identity.pid for identity in alive)
        self.situation = replace(self.situation, facts=self.session.facts, alive=pids)

    def carry_out(self, action: RecoveryStep) -> None:
        session = self.session
        match action:
            case End():
                self._end()
            case Unlock(id=lock):
                session.operation.log("warn", f"releasing the state lock {lock} of an attempt that is dead")
                session.unlock(lock)
                self.situation = replace(self.situation, lock=None)
            case MakePlan():
                self._make_plan()
            case Untaint(address=address):
                session.operation.log("warn", f"keeping {address}, whose creation was cut off")
                session.untaint(address)
                self.situation = replace(self.situation, planned=None)
            case Search():
                self._search()
            case Import(address=address, id=identifier):
                session.operation.log("warn", f"{address} may exist already as {identifier}: importing it")
                session.journal.append("recovered", did=f"imports {address} as {identifier}")
                imports = {**self.situation.imports, address: identifier}
                self.situation = replace(self.situation, imports=imports, planned=None)

    def _end(self) -> None:
        operation = self.session.operation
        operation.log("warn", f"ending {len(self.situation.alive)} processes that outlived an earlier attempt")
        ended = end_survivors(operation.root, self.situation.facts.processes)
        self.session.journal.append("recovered", did=f"ended {', '.join(str(identity.pid) for identity in ended)}")
        self.session.read_core_logs()
        self.situation = replace(self.situation, facts=self.session.facts, alive=())

    def _make_plan(self) -> None:
        imports = self.situation.imports
        if imports:
            self.session.write(IMPORTS_FILE, imports_file(imports))
        else:
            self.session.remove(IMPORTS_FILE)
        try:
            self.plan = self.session.plan()
        except GaiaError as error:
            self._after_failure(error)
            return
        self.situation = replace(self.situation, planned=read_planned(self.plan))

    def _after_failure(self, error: GaiaError) -> None:
        lock = lock_of(error)
        if lock is not None:
            self.situation = replace(
                self.situation, facts=self.session.facts, lock=LockInfo(**lock) if lock else LockInfo("")
            )
            return
        missing = missing_imports(_details(error), tuple(self.situation.imports))
        if not missing:
            raise error
        left = {address: known for address, known in self.situation.imports.items() if address not in missing}
        self.session.journal.append("recovered", did=f"nothing exists at {', '.join(missing)}")
        self.situation = replace(self.situation, imports=left, absent=self.situation.absent | set(missing))

    def _search(self) -> None:
        operation = self.session.operation
        operation.log("warn", f"searching for what has the tag of {operation.instance.key}")
        self.session.write(search.FILE, search.search_file(str(operation.instance.key)))
        try:
            found = search.read_found(self.session.look(search.TARGETS))
        finally:
            self.session.remove(search.FILE)
        self.situation = replace(self.situation, found=found)


def recover(session: Session) -> Recovered | Park:
    """Recover and plan. Returns what may go on, or why a person has to look.

    Raises:
        Unavailable: `survivors-alive`. Whatever terraform's `init` and `plan` raise.
    """
    recovery = _Recovery(session)
    recovery.look_back()
    for _ in range(_ROUNDS):
        session.check_stop()
        for action in decide(recovery.situation):
            if isinstance(action, Park):
                return action
            if isinstance(action, Proceed):
                return _recovered(recovery)
            recovery.carry_out(action)
    raise Defect("recovery-endless", "recovery found no end", next_step="Report this with the journal.")


def _recovered(recovery: _Recovery) -> Recovered:
    if recovery.plan is None or recovery.situation.planned is None:
        raise Defect("recovery-unplanned", "recovery ended without a plan", next_step="Report this with the journal.")
    return Recovered(recovery.plan, recovery.situation.planned, len(recovery.situation.imports))


def imports_file(imports: Mapping[str, str]) -> bytes:
    """`import` blocks in Terraform's JSON syntax, by address; an id is a template there, so it is escaped."""
    blocks = [
        {"to": address, "id": identifier.replace("${", "$${").replace("%{", "%%{")}
        for address, identifier in sorted(imports.items())
    ]
    return json.dumps({"import": blocks}, indent=2).encode()


def _details(error: GaiaError) -> str:
    diagnostics = error.facts.get("diagnostics")
    entries = diagnostics if isinstance(diagnostics, list) else []
    return "\n".join(f"{entry.get('summary')}: {entry.get('detail')}" for entry in entries)
