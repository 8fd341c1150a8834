"""The approval that a run acts by: read and verified again before every act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.platform.approvals import approving
from gaia.records import approvals, leases

if TYPE_CHECKING:
    from gaia.platform.context import RunContext
    from gaia.records.model import Approval


def signed(context: RunContext) -> Approval:
    """The approval that this run holds, read and verified again: it may have been voided since. The run has its leases.

    Raises:
        Conflict: `approval-missing`; `lease-lost` when another run has taken the request over.
    """
    named = context.results["hold"]["approval"]
    asked = approving.asked_at(context.platform, _rules(context), context.request)
    with context.platform.database.read() as tx:
        leases.check(tx, context.request.repository, context.request.instances, run=context.run.id)
        approval = next((one for one in approvals.of_request(tx, context.request.id) if one.id == named), None)
        return approving.check(tx, context.platform, context.request, approval, asked)


def _rules(context: RunContext) -> str:
    """The commit whose rules of approval this run has to meet: what it goes on from, which nobody's change loosens."""
    known = [context.results[step].get("rules") for step in ("rebase", "hold") if step in context.results]
    found = next((str(commit) for commit in known if commit), None)
    return found or context.platform.clone().fetch()  # a run that an earlier Gaia began
