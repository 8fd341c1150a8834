"""A plan that somebody hands in, judged the same way whichever door it comes through."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gaia.errors import GaiaError, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from gaia.policy.ports import PolicyEngine
    from gaia.policy.report import Checked
    from gaia.policy.rules import PolicySet
    from gaia.settings import Settings

_REGION = "us-east-1"


def region_of(settings: Settings) -> str:
    """Of plans that say none: what the environment says, else one that the estimate says is assumed."""
    environ = settings.environ
    return environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or _REGION


def check_given(
    plan: Mapping[str, Any],
    policies: PolicySet,
    engine: PolicyEngine,
    estimate: Callable[[], Mapping[str, Any]],
    *,
    subject: str,
    stage: str | None = None,
) -> Checked:
    """What policies say of a plan JSON as of an apply of now; it says no `stage` itself, and no waiver excuses it.

    `estimate` is its cost; where that cannot be made, the rules about money say that nobody knows it.

    Raises:
        Invalid: `plan-invalid`; as `judge`. Unavailable: the engine.
    """
    from gaia.kit.redact import Redactor
    from gaia.platform.instances.policy_input import plan_input
    from gaia.policy.check import check_plan
    from gaia.terraform.plan import Plan

    redact = Redactor()
    with understood():
        for secret in Plan.parse({**plan, "format_version": "1.0"}).sensitive():
            redact.learn(secret)
    try:
        with understood():
            cost = estimate()
    except GaiaError:
        cost = {}
    about = {"kind": "provision", "instances": [], **({"stage": stage} if stage else {})}
    with understood():
        asked = plan_input(plan, about, "apply", cost)
        return check_plan(policies, asked, subject=subject, engine=engine, redact=redact)


def stage_of(rules: PolicySet, given: str, of_stacks: Callable[[], Collection[str]]) -> str:
    """What somebody says of a plan, as the rules or the stacks write it; see `gaia.policy.stages.known_stage`."""
    from gaia.policy.stages import LIBRARY, known_stage
    from gaia.scaffold.blueprint import find_blueprint

    shipped = (find_blueprint() / "policies" / LIBRARY).read_text(encoding="utf-8")
    return known_stage(rules, given, shipped, of_stacks)


@contextmanager
def understood() -> Iterator[None]:
    """Terraform's own plans are read without a look at each place; what somebody else made up may have any form."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Invalid(
            "plan-invalid",
            "the plan has parts that are none of Terraform's",
            next_step="Give what `terraform show -json PLANFILE` prints.",
        ) from error
