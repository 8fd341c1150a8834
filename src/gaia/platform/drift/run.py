"""The run that looks whether one instance still is as the published commit says: nothing is changed by it.

It holds the instance's lease while terraform plans. Whoever changes the instance takes that over; then what was seen
counts for nothing, and the instance is looked at again. Killed anywhere, it looks again.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gaia.errors import Conflict, GaiaError, Invalid, NotFound
from gaia.kit import canonical, clock
from gaia.operations.drift.examining import Examiner, failed
from gaia.operations.drift.schedule import read_every
from gaia.platform.acting import ENGINE
from gaia.platform.engine.steps import APPLY, Step, Stop
from gaia.platform.instances.apply_instance import WAITS_FOR_SLOT
from gaia.platform.instances.definitions import unpublished
from gaia.platform.instances.leased import watched
from gaia.platform.instances.outputs import Outputs, ground_of, working_folder
from gaia.platform.target import acts_in
from gaia.records import leases, looks, requests, runs
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from gaia.operations.drift.model import Scan
    from gaia.platform.context import AnyRun, PlatformContext
    from gaia.platform.snapshot import Snapshot
    from gaia.records.database import Transaction
    from gaia.records.drift_model import DriftResult, Look
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.plan import Plan
    from gaia.terraform.state import State

SUBJECT = "drift "
"""How the subject of such a run begins; the instance follows. An operation of the instance is another subject."""
_NOT_SEEN = frozenset({"interrupted", "instance-leased", "lease-lost"})
"""Codes of what only put it off: nothing is written down, so it is still due."""
_RESULTS: dict[str, DriftResult] = {"in sync": "clean", "drift": "drifted", "not checked": "not-checked"}


def subject_of(key: str) -> str:
    """The subject of runs that look at the instance `STACK/COMPONENT`."""
    return SUBJECT + key


def _key(context: AnyRun) -> InstanceKey:
    return InstanceKey.parse(context.run.subject.removeprefix(SUBJECT))


def look(context: AnyRun) -> dict[str, Any]:
    """Plan the instance and keep what that says; what could not be looked at is a result too.

    Raises:
        Conflict: `instance-leased`, `lease-lost`, `interrupted`: it is put off.
    """
    platform, key = context.platform, _key(context)
    commit = platform.clone().fetch()
    with platform.database.begin() as tx:
        leases.acquire(tx, platform.repository, str(key), run=context.run.id, at=clock.now())
    with watched(platform.database, platform.repository, str(key), context.run.id, context.interrupt):
        scan = _scan(context, commit, key)
    with platform.database.read() as tx:
        leases.check(tx, platform.repository, [str(key)], run=context.run.id)
    return {"commit": commit, **_keep(context, scan)}


def _scan(context: AnyRun, commit: str, key: InstanceKey) -> Scan:
    try:
        snapshot = context.snapshot(commit)
        instance = _published(snapshot, key)
        try:
            read_every(instance.settings, instance.place)
        except Invalid as error:
            context.say(f"it is looked at daily: {error.message} (at {error.at})", level="warn")
        terraform = context.terraform()
        outputs = Outputs(context.platform.workplace, snapshot, lambda: terraform)
        examiner = _examiner(context, snapshot, terraform, outputs)
        try:
            plan = plan_of(context, snapshot, instance, terraform, outputs)
        except GaiaError as error:
            if _passes(error):
                raise
            return examiner.unseen(instance, error)
        return examiner.judged(instance, plan)
    except GaiaError as error:
        if _passes(error):
            raise
        return failed(str(key), error)


def _passes(error: GaiaError) -> bool:
    """Whether it is no word about the instance."""
    return error.code in _NOT_SEEN or error.code.startswith("database-")


def _published(snapshot: Snapshot, key: InstanceKey) -> Instance:
    try:
        instance = snapshot.repository.instance(key.component, key.stack)
    except NotFound as error:
        raise Conflict(
            "instance-unpublished",
            f"there are resources of {key}, and the published commit {snapshot.commit[:12]} has no such instance",
            next_step="Publish its manifest again, or destroy what is left of it.",
        ) from error
    if not instance.enabled or instance.abstract or instance.kind != "terraform":
        raise Conflict(
            "instance-disabled",
            f"there are resources of {key}, and the published commit has it disabled or abstract",
            next_step="Enable it, or destroy what is left of it.",
            at=instance.place(()),
        )
    return instance


def _examiner(context: AnyRun, snapshot: Snapshot, terraform: Terraform, outputs: Outputs) -> Examiner:
    def stored(instance: Instance) -> State | None:
        return outputs.state(instance)

    return Examiner(
        snapshot.repository,
        clock.now().date(),
        stored=stored,
        scope=lambda instance, plan: acts_in(terraform.environ, instance.providers, plan),
        same_code=partial(_same_code, context, snapshot),
        hide=context.redact.knows,
    )


def plan_of(context: AnyRun, snapshot: Snapshot, instance: Instance, terraform: Terraform, outputs: Outputs) -> Plan:
    """A refreshed plan, that is read and never applied. It takes no lock of the state: that would be in others' way."""
    from gaia.operations.survivors import end_survivors
    from gaia.states.survey import check_state_places
    from gaia.terraform.aws_account import check_account
    from gaia.terraform.sensitive_inputs import learn_inputs
    from gaia.terraform.workdir import alone_in, code_of

    workplace = context.platform.workplace
    code = code_of(instance, snapshot.tree, snapshot.components)
    check_account(instance, terraform.environ, code=code, tofu=terraform.tool.flavor == "tofu")
    ground = ground_of(workplace, snapshot, lambda _: terraform, outputs.state, context.redact)
    here = frozenset(map(str, snapshot.repository.instances))
    tell = partial(context.say, level="warn")
    with workplace.slots.take(lambda: context.say(WAITS_FOR_SLOT), terraform.check_interrupt):
        check_state_places(ground, [instance], tell, lambda: unpublished(context.platform, here))
        variables, settled = outputs.variables(instance), outputs.settled(instance)
        folder = working_folder(workplace, instance, "plan")
        with alone_in(folder):
            end_survivors(folder)  # of an attempt that was killed: a provider does not end with its terraform
            with outputs.prepared(folder, settled, variables) as directory:
                learn_inputs(terraform, directory, variables)
                return terraform.plan(directory, locked=False)


def _same_code(context: AnyRun, snapshot: Snapshot, instance: Instance) -> bool:
    """Whether code and values are those of the last application; where nobody knows it they are not."""
    platform, key = context.platform, str(instance.key)
    with platform.database.read() as tx:
        last = runs.last_change(tx, platform.repository, key, APPLY)
        request = requests.get(tx, last.request) if last is not None and last.request is not None else None
    if request is None or request.commit is None:
        return False
    if request.commit == snapshot.commit:
        return True
    try:
        then = platform.snapshot(request.commit)
        [before] = then.instances([key])
        same = (before.vars, before.providers) == (instance.vars, instance.providers)
        return same and then.code([key]) == snapshot.code([key])
    except GaiaError:
        return False


def _keep(context: AnyRun, scan: Scan) -> dict[str, Any]:
    """Put what was found into the store under its digest, and say it in scalars."""
    document = context.redact.data({"scan": scan.as_json(), "findings": [one.as_json() for one in scan.findings]})
    counting = sorted(one.fingerprint for one in scan.findings if one.counts)
    name = ""
    if scan.findings:
        name = canonical.digest(document).partition(":")[2]
        context.platform.documents.put("drift", name, canonical.dumps(document))
    reason = ". ".join(part for part in (scan.reason.rstrip("."), str(scan.next_step)) if part)
    result = _RESULTS[scan.status]
    context.say(f"{scan.instance}: {scan.status}" + (f", {len(counting)} to see to" if counting else ""))
    if reason:
        context.say(reason, level="warn")
    found = canonical.digest(counting) if counting else ""
    said = {"code": scan.code, "reason": context.redact(reason)}
    return {"result": result, "causes": len(counting), "found": found, "document": name, **said}


def end(context: AnyRun, stop: Stop | None) -> None:
    """Write down what was found, tell what is new about it, and give the lease back; in one transaction."""
    now = clock.now()
    with context.platform.database.begin() as tx:
        if runs.get(tx, context.run.id).status not in ("queued", "running"):  # an earlier try got as far as this
            return
        mine = {one.name for one in leases.of_run(tx, context.run.id)}
        leases.release_run(tx, context.run.id, at=now)
        key, seen = _key(context), dict(context.results.get("look", {}))
        if stop is None and str(key) not in mine:
            stop = Stop("stopped", "lease-lost", f"{key} was changed by somebody while it was looked at")
        if stop is None:
            runs.move(tx, context.run.id, ["running"], "done", at=now, code=str(seen["code"]))
        else:
            runs.move(tx, context.run.id, ["running"], "failed", at=now, reason=stop.reason, code=stop.code)
            if stop.code in _NOT_SEEN and not context.run.cancelled:
                return
            seen = {"result": "not-checked", "commit": None, "code": stop.code, "reason": stop.reason}
        made, before = looks.add(tx, context.run, key.stack, key.component, at=now, **seen)
        _tell(tx, context, made, before)


def _tell(tx: Transaction, context: AnyRun, made: Look, before: Look | None) -> None:
    """Write into the audit log what a look has changed: nothing where all is as it was known to be."""
    known = looks.last_known(tx, made)
    drifted = known is not None and known.result == "drifted"
    action = ""
    if made.result == "not-checked":
        action = "" if before is not None and before.result == "not-checked" else "drift.failed"
    elif made.result == "drifted":
        same = known is not None and drifted and known.found == made.found
        action = "" if same else "drift.changed" if drifted else "drift.found"
    elif drifted:
        action = "drift.ended"
    if action:
        note(tx, context.platform, action, made)


def note(tx: Transaction, platform: PlatformContext, action: str, made: Look) -> None:
    """Write down that the drift of an instance began, changed, ended, or is not known."""
    facts: dict[str, object] = {
        "stack": made.stack,
        "component": made.component,
        "run": made.run,
        "commit": made.commit,
    }
    facts |= {"causes": made.causes, "code": made.code}
    platform.audit.note(tx, ENGINE, action, made.key, facts, where=made)


STEPS = (Step("look", look),)
