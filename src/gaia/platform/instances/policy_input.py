"""The inputs that policies judge: terraform's plan JSON, or the request, with what Gaia knows under `gaia`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.records.model import Request

Step = Literal["plan", "preview", "apply"]
"""What a plan is judged for: to be shown (`plan`); to be approved, and applied at a time that nobody knows (`preview`);
to be applied now, or as if it were (`apply`)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What policies see of a request, where there is none: of a template that is tried."""

    service: str
    template: str
    template_version: str
    stack: str
    tenant: str
    stage: str
    requester: str
    answers: Mapping[str, object]
    kind: str = "provision"
    instances: Sequence[str] = field(default=())
    ttl: int | None = None


def about(request: Request | Asked, instances: Sequence[str] = ()) -> dict[str, Any]:
    """The `gaia` key: who asks for what, where."""
    return {
        "kind": request.kind,
        "service": request.service,
        "template": request.template,
        "template_version": request.template_version,
        "stack": request.stack,
        "tenant": request.tenant,
        "stage": request.stage,
        "requester": request.requester,
        "ttl": request.ttl,
        "instances": list(instances or request.instances),
    }


def plan_input(
    plan: Mapping[str, object], about: Mapping[str, object], step: Step, cost: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Subject `plan`: `terraform show -json`, as conftest users know it, with `gaia` and `cost`.

    `cost` is its estimate in Infracost's format, empty where nobody could make one; None where nobody asks for money.
    The moment is handed in and never kept: a rule that says it in a preview makes another judgement of each.
    """
    return {**plan, "gaia": _now(about, step), **({} if cost is None else {"cost": cost_input(cost)})}


def _now(about: Mapping[str, object], step: Step) -> dict[str, object]:
    return {**about, "step": step, "now": clock.rfc3339(clock.now())}


def cost_input(cost: Mapping[str, Any]) -> dict[str, Any]:
    """What rules see of an estimate: the root of Infracost's document, without its projects.

    A total that is not whole is null, for a part of it would be within every threshold. Where all that has a price is
    by use, and nobody has said how much, it is 0, as Infracost has it: no price is missing, and the next plan of what
    also costs something by the month would leave the same out.
    """
    from gaia.cost.summary import summary

    if not cost:
        return {}
    found = summary(cost)
    known = {"totalMonthlyCost": found.total_complete, "diffTotalMonthlyCost": found.difference_complete}
    totals = {name: cost.get(name) for name in ("currency", "totalMonthlyCost", "pastTotalMonthlyCost")}
    totals |= {"diffTotalMonthlyCost": cost.get("diffTotalMonthlyCost"), "summary": cost.get("summary")}
    return {**totals, **{name: (totals[name] or "0") if whole else None for name, whole in known.items()}}


def request_input(
    request: Request | Asked, services: int | None, spending: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """Subject `request`: the answers, and how many services the stack has already; None where nobody knows.

    `spending`: `budgets` and `quotas` with where they stand, once a preview has told what is asked for. The step is
    `preview` at both times, and the moment is handed in as to a plan.
    """
    known = _now(about(request), "preview")
    return {"gaia": known, "answers": dict(request.answers), "services": services, **(spending or {})}


def approval_input(
    request: Request, owner: str | None, findings: Sequence[Mapping[str, object]], cost: Mapping[str, object]
) -> dict[str, Any]:
    """What `data.gaia.request.auto_approve` is asked: `owner` is the person who first asked for the service.

    `cost` is the judgement's; a figure that is not wholly known is left out, so that a rule that needs it says no.
    """
    from gaia.cost.summary import summary

    return {
        "gaia": {**about(request), "owner": owner},
        "answers": dict(request.answers),
        "findings": [dict(finding) for finding in findings],
        "cost": summary(cost).comparable() if cost else {},
    }
