"""The run that carries out a workflow of the repository for a stack, at the commit that was published when it began.

Its steps only look (`workflow_acts`), so each may be done again after a crash; what they see goes into its log.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from gaia.errors import Invalid, Refused, ToolFailed, Unavailable
from gaia.kit import clock
from gaia.kit.redact import Redactor
from gaia.platform.acting import ENGINE
from gaia.platform.callers import able
from gaia.platform.drift.run import plan_of
from gaia.platform.engine.steps import Step
from gaia.platform.executions.workflow_acts import Named, acts_of, workflows_of
from gaia.platform.instances.outputs import Outputs
from gaia.records import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.platform.context import AnyRun, PlatformContext
    from gaia.platform.engine.steps import Stop
    from gaia.platform.executions.workflow_acts import Act
    from gaia.platform.snapshot import Snapshot
    from gaia.records.model import Run
    from gaia.stacks.model import Instance


def steps_of(platform: PlatformContext, run: Run) -> Sequence[Step]:
    """Those of the workflow, as its commit has it."""
    named = Named.read(run.subject)
    found = workflows_of(platform.snapshot(str(run.commit))).find(named.name, named.file)
    return [Step(act.name, partial(_perform, named.stack, act)) for act in acts_of(found, named.stack)]


def _check_starter(context: AnyRun) -> None:
    """Between its start and a step may lie hours in which its starter's role was withdrawn.

    Raises:
        Refused: `starter-not-permitted`.
    """
    run = context.run
    with context.platform.database.read() as tx:
        name, how = able.still(tx, str(run.person), "administer", run)
    if how != "able":
        why = "is shut out" if how == "shut-out" else f"may no longer administer {run.tenant}/{run.stage}"
        raise Refused(
            "starter-not-permitted",
            f"{name}, who started it, {why}",
            next_step="Have somebody start it who may.",
        )


def _perform(stack: str, act: Act, context: AnyRun) -> dict[str, Any]:
    _check_starter(context)
    snapshot = context.snapshot(str(context.run.commit))
    if act.kind == "validate":
        return _validate(context, snapshot)
    if act.kind == "describe":
        [component] = act.components or ("",)
        return _describe(context, snapshot.repository.instance(component, stack))
    return _plan(context, snapshot, stack, act)


def _validate(context: AnyRun, snapshot: Snapshot) -> dict[str, Any]:
    from gaia.stacks.validation.stacks import validate_stacks

    found = validate_stacks(snapshot.repository).findings
    for one in found:
        level = "error" if one.severity == "error" else "warn"
        context.say(f"{one.at or snapshot.commit[:12]}: {one.message}", level=level)
    wrong = [one for one in found if one.severity == "error"]
    if wrong:
        raise Invalid("stacks-invalid", f"the manifests have {len(wrong)} mistakes", next_step="Read the log.")
    return {"warnings": len(found)}


def _describe(context: AnyRun, instance: Instance) -> dict[str, Any]:
    from gaia.stacks.model import written

    said = Redactor().data({"vars": written(instance.vars), "settings": written(instance.settings)})
    context.say(f"{instance.key} is {instance.component_path}", instance=str(instance.key), event=said)
    return {"component": instance.key.component}


def _plan(context: AnyRun, snapshot: Snapshot, stack: str, act: Act) -> dict[str, Any]:
    """Plan what is meant, one after the other. Nothing is kept that could be applied, and no lock is taken."""
    select = context.platform.select
    if select is None:
        raise Unavailable("workflow-not-ready", "nothing selects instances here", next_step="Run it at a checkout.")
    meant = select(snapshot.repository, stack, act.components, act.query, act.upstream)
    if outside := [str(one.key) for one in meant if one.key.stack != stack]:
        raise Invalid(
            "workflow-elsewhere",
            f"it needs {', '.join(outside[:5])}, which is not in {stack}",
            next_step="Write it without --upstream, or run it at a checkout.",
        )
    terraform, changed = context.terraform(), 0
    outputs = Outputs(context.platform.workplace, snapshot, lambda: terraform)
    for instance in meant:
        terraform.check_interrupt()
        changes = plan_of(context, snapshot, instance, terraform, outputs).changes
        counts = dict(sorted(Counter(one.action for one in changes).items()))
        said = ", ".join(f"{number} to {action}" for action, number in counts.items()) or "nothing to do"
        context.say(f"{instance.key}: {said}", instance=str(instance.key), event=counts)
        changed += bool(changes)
    if changed and act.strict:
        raise ToolFailed("workflow-found-changes", f"{changed} of {len(meant)} would change", next_step="Read the log.")
    return {"instances": len(meant), "changed": changed}


def end(context: AnyRun, stop: Stop | None) -> None:
    """Write down how it ended."""
    now, named = clock.now(), Named.read(context.run.subject)
    with context.platform.database.begin() as tx:
        if runs.get(tx, context.run.id).status not in ("queued", "running"):  # an earlier try got as far as this
            return
        if stop is None:
            runs.move(tx, context.run.id, ["running"], "done", at=now)
        else:
            runs.move(tx, context.run.id, ["running"], "failed", at=now, reason=stop.reason, code=stop.code)
        facts = {"run": context.run.id, "stack": named.stack, "commit": context.run.commit}
        facts["code"] = stop.code if stop is not None else ""
        action = "workflow.failed" if stop is not None else "workflow.done"
        context.platform.audit.note(tx, ENGINE, action, named.name, facts, where=context.run)
