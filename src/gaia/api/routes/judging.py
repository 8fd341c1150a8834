"""`/policies`, `/policies/evaluations`, `/cost/estimates`: rules and prices, of plans that are handed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response

from gaia.api.caller import LONGEST, Files, Home, Repository, Who
from gaia.api.declared import may, problems
from gaia.api.plain import answer
from gaia.api.shapes import Shape, page
from gaia.policy.formats.document import document, rule_document
from gaia.terraform.given_plan import checked_plan

router = APIRouter(tags=["judging"])
_PLAN = {"format_version": "1.2", "resource_changes": [], "configuration": {}}
Stage = Annotated[
    str | None,
    Query(description="The stage that the plan is for; a plan does not say.", max_length=63, examples=["prod"]),
]
PlanJson = Annotated[dict[str, Any], Body(description="What `terraform show -json PLANFILE` prints.", examples=[_PLAN])]


class Rule(Shape):
    """A rule: what its METADATA says."""

    rule: str
    subject: str
    effects: list[str]
    title: str
    severity: str
    description: str | None
    controls: list[str]
    remediation: str | None


class Judged(Shape):
    """What the policies say of a plan."""

    subject: str
    verdict: str
    resources: int
    counts: dict[str, int]
    policies: dict[str, Any]
    findings: list[dict[str, Any]]


class Estimate(Shape):
    """Infracost JSON."""

    version: str
    currency: str
    projects: list[dict[str, Any]]


RulePage = page("RulePage", "rules", Rule, "Rules, by name.")


@router.get(
    "/policies",
    operation_id="list_policies",
    summary="List the policies",
    response_model=RulePage,
    responses=problems(),
    openapi_extra=may("known"),
)
def policies(files: Files) -> Response:
    """Those of the repository; Gaia's own where it has none."""
    found = files.policies
    rules = sorted(found.rules, key=lambda rule: rule.name)
    return answer({"from": found.shown, "rules": [rule_document(rule, found.shown) for rule in rules]})


@router.get(
    "/policies/{rule}",
    operation_id="get_policy",
    summary="Show a policy",
    response_model=Rule,
    responses=problems(),
    openapi_extra=may("known"),
)
def policy(files: Files, rule: Annotated[str, Path(max_length=LONGEST, examples=["plan.required_tags"])]) -> Response:
    """Why it is there, and how to repair what it finds."""
    return answer(rule_document(files.policies.named(rule), files.policies.shown))


@router.post(
    "/policies/evaluations",
    operation_id="evaluate_plan",
    summary="Judge a plan",
    response_model=Judged,
    responses=problems(),
    openapi_extra=may("known"),
)
def evaluate(home: Home, who: Who, plan: PlanJson, repository: Repository = None, stage: Stage = None) -> Response:
    """By the repository's policies, as an apply of now. Nothing is kept, and no waiver excuses anything."""
    checked = home.evaluate(who, checked_plan(plan, "the plan"), repository=repository, stage=stage)
    return answer(document(checked))


@router.post(
    "/cost/estimates",
    operation_id="estimate_plan",
    summary="Price a plan",
    response_model=Estimate,
    responses=problems(),
    openapi_extra=may("known"),
)
def estimate(home: Home, who: Who, plan: PlanJson) -> Response:  # noqa: ARG001 - whoever calls has to be known
    """Infracost JSON. Nothing is kept; a price that is missing is said, and is never zero."""
    return answer(home.estimate(checked_plan(plan, "the plan")))
