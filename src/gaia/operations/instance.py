"""Apply or destroy one instance: at least once, never twice.

`perform` may be called again and again, from any process: it goes on from where the journal says the last attempt
ended, however that ended, and a journal with a final outcome answers at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from gaia.errors import Conflict, Defect, GaiaError, Next
from gaia.kit.files import exclusive
from gaia.operations.compare import compare
from gaia.operations.console import console_link
from gaia.operations.decide import Park
from gaia.operations.facts import Facts, is_change, read_facts
from gaia.operations.imported import refused_imports
from gaia.operations.journal import Journal, damaged, read
from gaia.operations.model import InstanceResource, Operation, Outcome, Verdict
from gaia.operations.promise import promise_of, unkept
from gaia.operations.recover import IMPORTS_FILE, Recovered, recover
from gaia.operations.session import Session
from gaia.operations.survivors import end_survivors
from gaia.operations.unfinished import doubtful
from gaia.terraform.workdir import alone_in

if TYPE_CHECKING:
    from gaia.operations.promise import Promise
    from gaia.records.ports import LineFile

__all__ = ["InstanceResource", "Operation", "Outcome", "Verdict", "finished", "perform"]

_RESUME = "Look at what is left, repair it, then resume."
_UNBEGUN = ("plan-changed", "state-locked")
"""Errors of an apply that changed nothing and saved nothing: what an attempt before it left is as open as it was."""
_STALE = ("Saved plan is stale", "Saved plan does not match the given state")
"""Summaries of terraform's errors before it does anything: the plan is of another state than there is now."""
_UNSAVED = ("Failed to save state", "Failed to persist state")
"""Summaries of terraform's errors after which the state in the backend is older than the world."""


def perform(operation: Operation) -> Outcome:
    """Carry the operation out, or go on with it, and return how it ended.

    Expected failures are outcomes: `parked`, with the error's code, in the journal. The next call goes on from there.

    Raises:
        Conflict: `operation-running` when another process works on this instance; `journal-mismatch` when the journal
            is of another operation; `apply-unfinished` for a destruction in the place of an application that only its
            own end accounts for.
        Unavailable: `journal-damaged`; `disk-full` or `file-not-writable` before anything was changed.
        KeyboardInterrupt: after terraform was interrupted gracefully and the outcome was written down.
    """
    with exclusive(operation.root / "operation.lock") as held:
        if not held:
            raise Conflict(
                "operation-running",
                f"another process works on {operation.instance.key}",
                next_step=Next("status", words="Wait until it is done"),
            )
        facts = read_facts(read(operation.journal))
        _check_same(operation, facts)
        if (told := _told(operation.journal, facts)) is not None:
            return told
        with alone_in(operation.root):
            journal = Journal(operation.journal)
            if facts.begun and facts.operation != _word(operation):
                _close(operation, journal, facts)
                facts = Facts()
            if not facts.begun:
                journal.append("begin", operation=_word(operation), instance=str(operation.instance.key))
            return _attempt(Session(operation, journal))


def finished(journal: LineFile) -> Outcome | None:
    """The final outcome in a journal; None while there is something to do."""
    return _told(journal, read_facts(read(journal)))


def _told(journal: LineFile, facts: Facts) -> Outcome | None:
    if not facts.finished or facts.outcome is None:
        return None
    try:
        return Outcome.from_json(facts.outcome)
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(journal, "the outcome at the end") from error


def _word(operation: Operation) -> str:
    return "destroy" if operation.destroy else "apply"


def _check_same(operation: Operation, facts: Facts) -> None:
    if not facts.operation:
        return
    mine, theirs = (_word(operation), str(operation.instance.key)), (facts.operation, facts.instance)
    if mine != theirs and not (operation.instead and facts.begun and mine[1] == theirs[1]):
        raise Conflict(
            "journal-mismatch",
            f"{operation.journal.where} is the journal of {' '.join(theirs)}, not of {' '.join(mine)}",
            next_step="Give each run a journal of its own.",
        )


def _close(operation: Operation, journal: Journal, facts: Facts) -> None:
    """End the other operation that was begun here: its processes, and what is to be known of its locks.

    A destruction makes nothing, so a refreshed plan accounts for all that it left. What an application may have made
    outside of the state only the application finds again.

    Raises:
        Conflict: `apply-unfinished`. Unavailable: `survivors-alive`.
    """
    if ended := end_survivors(operation.root, facts.processes):
        operation.log("warn", f"ended {len(ended)} processes that outlived an earlier {facts.operation}")
    Session(operation, journal).read_core_logs()
    key = operation.instance.key
    if operation.destroy and (left := doubtful(operation.journal)):
        raise Conflict(
            "apply-unfinished",
            f"a change was stopped while it made {key}, and may have made more than the state has: {', '.join(left)}",
            next_step=Next("terraform apply", key.component, "Finish it first", stack=key.stack),
            facts={"instance": str(key), "left": list(left)},
        )
    journal.append("recovered", did=f"the {facts.operation} was interrupted, and is not resumed")


def _attempt(session: Session) -> Outcome:
    try:
        try:
            outcome = _carry_out(session)
        finally:  # before the outcome: who is killed in between comes back to an operation that is not finished
            session.close()
    except KeyboardInterrupt:
        _record(session, _parked("interrupted", "the operation was interrupted", session, next_step=_RESUME))
        raise
    except Defect:
        raise
    except GaiaError as error:
        outcome = _parked(error.code, error.message, session, next_step=error.next_step)
    return _record(session, outcome)


def _record(session: Session, outcome: Outcome) -> Outcome:
    """Write the outcome down; when even that cannot be written, say so instead."""
    try:
        session.journal.append("outcome", **outcome.as_json())
    except GaiaError as error:
        return replace(outcome, status="parked", code=error.code, reason=error.message, next_step=error.next_step)
    return outcome


def _carry_out(session: Session) -> Outcome:
    recovered = recover(session)
    if isinstance(recovered, Park):
        return _left_to_a_person(session, recovered)
    if recovered.plan.empty:
        return _finished(session, recovered)
    refusal, digest = _refusal(session, recovered)
    if refusal is not None:
        return replace(refusal, digest=digest)
    _apply(session, recovered, digest)
    return replace(_finished(session, recovered), digest=digest)


def _left_to_a_person(session: Session, park: Park) -> Outcome:
    """Parked, with where to look and what to type for each that only a person can adopt."""
    if not park.by_hand:
        return Outcome("parked", park.reason, park.code, _RESUME, left=park.left)
    aws, environ = session.operation.instance.providers.get("aws"), session.operation.terraform.environ
    said = aws.get("region") if isinstance(aws, Mapping) else ""
    region = str(said or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "")
    rows = tuple({**one.as_json(), "console": console_link(one.type, region)} for one in park.by_hand)
    key, first = session.operation.instance.key, park.by_hand[0]
    step = Next(
        "terraform import",
        key.component,
        "Look in the console; bring in each that exists, then resume",
        stack=key.stack,
        options=(first.address, "ID"),
    )
    return Outcome("parked", park.reason, park.code, step, left=park.left, by_hand=rows)


def _refusal(session: Session, recovered: Recovered) -> tuple[Outcome | None, str]:
    """Why the plan may not be applied (None when it may), and its digest."""
    operation = session.operation
    facts = session.facts
    compared = compare(
        operation.instance.key,
        recovered.plan,
        operation.key,
        operation.approved,
        touched=facts.touched,
        destroy=operation.destroy,
        is_set=session.is_set,
    )
    if foreign := refused_imports([one for one in recovered.planned if one.address not in operation.imports], facts):
        reason = "what exists cannot be taken for what this operation had begun to make"
        return Outcome("parked", reason, "orphan-foreign", _RESUME, left=foreign), compared.digest
    if compared.differences:
        reason = "the instance's own plan is not what was approved"
        step = "Look at the differences; ask again, and have the new preview approved."
        return Outcome("parked", reason, "approval-void", step, left=compared.differences), compared.digest
    session.check_stop()
    verdict = operation.judge(recovered.plan)
    if not verdict.allowed:
        code = verdict.code or "policy-denied"
        step = "Change what is asked for, or the policy, then ask again."
        return Outcome("parked", "; ".join(verdict.reasons), code, step, left=verdict.reasons), compared.digest
    return None, compared.digest


def _apply(session: Session, recovered: Recovered, digest: str) -> None:
    plan = recovered.plan
    changes = [[change.address, list(change.actions)] for change in plan.changes]
    folder = str(session.operation.root)
    session.journal.append("applying", digest=digest, plan=plan.sha256, changes=changes, folder=folder)
    try:
        session.apply(plan.sha256)
    except GaiaError as error:
        if error.code in _UNBEGUN or _is_stale(error):
            session.journal.append("unbegun")
        elif _ended_by_itself(error):
            session.journal.append("saved")
        raise
    session.journal.append("saved")
    session.remove(IMPORTS_FILE)


def _is_stale(error: GaiaError) -> bool:
    diagnostics = error.facts.get("diagnostics")
    if error.code != "terraform-failed" or not isinstance(diagnostics, list):
        return False
    return any(str(entry.get("summary", "")).startswith(_STALE) for entry in diagnostics)


def _ended_by_itself(error: GaiaError) -> bool:
    """Whether terraform ended in its own time, with its state written: not interrupted, timed out or killed."""
    diagnostics = error.facts.get("diagnostics")
    if error.code != "terraform-failed" or not isinstance(diagnostics, list) or not diagnostics:
        return False
    return not any(str(entry.get("summary", "")).startswith(_UNSAVED) for entry in diagnostics)


def _finished(session: Session, recovered: Recovered) -> Outcome:
    state = session.state()
    resources = state.resources if state else ()
    outputs = state.outputs if state else {}
    kept = tuple(InstanceResource(item.address, item.type, item.id, item.arn) for item in resources)
    if session.operation.destroy and kept:
        left = tuple(item.address for item in kept)
        return Outcome("parked", "the state still holds resources", "destroy-incomplete", _RESUME, left, kept)
    if left := unkept(_promise(session, recovered), state):
        return Outcome("parked", "the state does not hold what was approved", "state-incomplete", _RESUME, left, kept)
    changed = _changed(session, recovered)
    return Outcome(
        "applied" if changed or session.facts.touched else "unchanged",
        resources=kept,
        outputs=_shown(session, {name: output.value for name, output in outputs.items() if not output.sensitive}),
        sensitive_outputs=frozenset(name for name, output in outputs.items() if output.sensitive),
        changed=changed,
    )


def _promise(session: Session, recovered: Recovered) -> Promise:
    operation = session.operation
    approved = operation.approved.parts.get(operation.instance.key, ()) if operation.approved else ()
    return promise_of(recovered.plan, approved)


def _shown(session: Session, outputs: dict[str, object]) -> Mapping[str, object]:
    """A secret of another instance that was wired in here may come out unmarked: it is known, and hidden."""
    return cast("Mapping[str, object]", session.operation.terraform.redact.data(outputs))


def _changed(session: Session, recovered: Recovered) -> dict[str, int]:
    """What all attempts did together, each change of an address counted once."""
    done = {
        (str(entry.facts["address"]), str(entry.facts["action"]))
        for entry in read(session.journal.document)
        if entry.kind == "complete" and is_change(entry.facts)
    }
    counts = Counter(action for _, action in done)
    if recovered.imports:
        counts["import"] = recovered.imports
    if recovered.plan.only_refreshes:
        counts["accept"] = len(recovered.plan.changes)
    return dict(sorted(counts.items()))


def _parked(code: str, reason: str, session: Session, *, next_step: str) -> Outcome:
    """Parked by an error; what was begun and not finished is listed."""
    code = "lock-foreign" if code == "state-locked" else code
    return Outcome("parked", reason, code, next_step, left=_undone(session))


def _undone(session: Session) -> tuple[str, ...]:
    """Addresses of the last plan that was being applied whose change was not seen to end."""
    planned: list[str] = []
    for entry in read(session.journal.document):
        changes = entry.facts.get("changes")  # only `applying` has some
        if isinstance(changes, list):
            planned = [str(address) for address, _ in changes]
    touched = session.facts.touched
    return tuple(address for address in planned if address not in touched or not touched[address].done)
