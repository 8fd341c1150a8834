"""Undoing what an application made of an instance: exactly that is destroyed, as its journal says.

What was there before is never touched: an instance that was changed, and not made, cannot be undone, nor one whose
state holds more than the journal knows of. That is left, and said.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gaia.platform.acting import ENGINE
from gaia.platform.approvals.signing import signed
from gaia.platform.engine.steps import Stop
from gaia.platform.instances import journals, policy_input
from gaia.platform.instances.apply_instance import InstanceChange, apply_instance, remember
from gaia.platform.instances.definitions import Definitions
from gaia.platform.instances.leased import watched
from gaia.platform.instances.outputs import Outputs
from gaia.platform.requests import previewing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.operations.facts import Touched
    from gaia.platform.context import RunContext


def undo(context: RunContext, *, key: str) -> Stop | dict[str, Any]:
    """Destroy what this request made of an instance."""
    from gaia.operations.facts import read_facts
    from gaia.operations.journal import read
    from gaia.operations.unfinished import doubtful

    platform, request = context.platform, context.request
    journal = journals.of_request(platform, request.id, key)
    if left := doubtful(journal):
        why = f"{key} was stopped while it was made, and may have more than its state"
        return Stop("stopped", "apply-unfinished", why, tuple(f"{key}: {address}" for address in left))
    touched = read_facts(read(journal)).touched
    if not touched:
        return {"status": "unchanged"}
    if changed := _not_made(touched):
        why = f"{key} was there before, and was changed"
        return Stop("stopped", "undo-impossible", why, tuple(f"{key}: {address}" for address in changed))
    return _destroy(context, key, frozenset(touched))


def _not_made(touched: Mapping[str, Touched]) -> list[str]:
    """What was changed or destroyed, and cannot be made as it was."""
    return sorted(one.address for one in touched.values() if one.action not in ("create", "unknown"))


def _destroy(context: RunContext, key: str, made: frozenset[str]) -> Stop | dict[str, Any]:
    platform, request, results = context.platform, context.request, context.results
    approval = signed(context)
    defined = Definitions(platform, request, str(results["rebase"]["commit"]), str(results["rebase"]["base"]))
    snapshot, instance = defined.snapshot(key), defined.instance(key)
    terraform = context.terraform()
    outputs = Outputs(platform.workplace, snapshot, lambda: terraform)

    def say(level: str, message: str, event: Mapping[str, object] | None = None) -> None:
        context.say(message, level=level, instance=key, event=event)

    wanted = InstanceChange(
        snapshot,
        instance,
        journals.of_undoing(platform, request.id, key),
        previewing.load(platform, approval.preview)[0],
        policy_input.about(request, [key]),
        destroy=True,
        waivers=partial(previewing.signed_waivers, context, snapshot.commit, key),
        only=made,
    )
    with watched(platform.database, request.repository, key, context.run.id, context.interrupt) as lease:
        outcome = lease.judged(
            apply_instance(platform.workplace, wanted, terraform=terraform, outputs=outputs, say=say)
        )
    with platform.database.begin() as tx:
        remember(tx, context.run, key, outcome)
        facts = {"run": context.run.id, "instances": [key], "code": outcome.code}
        platform.audit.note(
            tx,
            ENGINE,
            f"instance.{'undone' if outcome.status != 'parked' else 'undo-parked'}",
            key,
            facts,
            where=request,
        )
    if outcome.status == "parked":
        left = outcome.left or tuple(f"{key}: {address}" for address in sorted(made))
        return Stop("stopped", outcome.code, context.redact(outcome.reason), left)
    context.say(f"{key}: undone", instance=key)
    return {"status": "undone"}
