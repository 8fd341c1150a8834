"""A plan that is handed to the API is judged as one that is handed to the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.api.conftest import estimator

from gaia.bootstrap.given_plans import check_given, region_of
from gaia.policy.regorus import Regorus
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.api.talk import Talk
    from tests.unit.platform.loop import Loop

RULE = """# METADATA
# title: Production is not for this
# custom:
#   severity: high
#   owner: tests
#   remediation: Go elsewhere.
package gaia.plan.elsewhere

deny contains {"message": sprintf("%s in %s", [input.gaia.step, input.gaia.stage])} if input.gaia.stage == "prod"
"""
PLAN: dict[str, Any] = {"format_version": "1.2", "resource_changes": [], "configuration": {"root_module": {}}}


def test_the_stage_reaches_the_rules(loop: Loop, talk_to: Callable[[Loop], Talk]) -> None:
    """A plan does not say it; with it a rule about production says no, as it does at the terminal."""
    loop.clone.moved(**{"policies/plan/elsewhere.rego": RULE})
    talk = talk_to(loop)
    told = {stage: talk.post(f"policies/evaluations{stage}", body=PLAN).json() for stage in ("", "?stage=prod")}
    assert {stage: one["verdict"] for stage, one in told.items()} == {"": "allowed", "?stage=prod": "denied"}
    policies = loop.platform.snapshot(loop.clone.head).policies
    estimate = estimator()

    def cost() -> Any:
        return estimate.estimate(PLAN, usage={}, project="plan", region_default="us-east-1")

    here = check_given(PLAN, policies, Regorus(), cost, subject="plan", stage="prod")
    there = [one["message"] for one in told["?stage=prod"]["findings"] if one["effect"] == "deny"]
    assert [one.finding.message for one in here.findings if one.finding.effect == "deny"] == there == ["apply in prod"]


def test_a_plan_without_a_region_is_of_the_environment_s(tmp_path: Path) -> None:
    """Whichever door it comes through."""
    environ = {"HOME": str(tmp_path), "AWS_DEFAULT_REGION": "eu-west-1"}
    assert region_of(Settings.capture(environ, tmp_path)) == "eu-west-1"
    assert region_of(Settings.capture({**environ, "AWS_REGION": "eu-north-1"}, tmp_path)) == "eu-north-1"
    assert region_of(Settings.capture({"HOME": str(tmp_path)}, tmp_path)) == "us-east-1"
