"""Which stages a plan may be said to be of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid
from gaia.policy.check import check_plan
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet
from gaia.policy.stages import LIBRARY, known_stage, stages_of

from .conftest import METADATA, POLICIES, write

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = (POLICIES / LIBRARY).read_text("utf-8")


@pytest.mark.parametrize(("given", "stage"), [("prod", "prod"), ("PROD", "prod"), ("Dev", "dev"), ("LIVE", "live")])
def test_a_stage_is_one_of_the_rules_or_of_the_stacks(shipped: PolicySet, given: str, stage: str) -> None:
    """In whichever case somebody writes it."""
    assert known_stage(shipped, given, "", lambda: {"live"}) == stage


@pytest.mark.parametrize(
    ("given", "near"),
    [("prdo", "prod"), ("stagin", "staging"), ("*", "Say one of"), ("liv", "live")],
)
def test_a_word_that_nobody_knows_is_refused(shipped: PolicySet, given: str, near: str) -> None:
    """Every rule would take it for a stage of which little is asked; the nearest is named."""
    with pytest.raises(Invalid, match="know a stage") as caught:
        known_stage(shipped, given, "", lambda: {"live"})
    assert (caught.value.code, near in str(caught.value.next_step)) == ("stage-unknown", True)


def test_rules_without_the_library_know_those_of_gaia(shipped: PolicySet) -> None:
    """And a library of its own knows its own."""
    without = replace(shipped, modules=())
    assert known_stage(without, "QA", SHIPPED, set) == "qa"
    assert stages_of('package a\n\nknown := {"blue", `green`}\n\nx := {"red"}\n') == {"blue", "green"}
    assert stages_of("package a\n") == frozenset()


def test_a_rule_that_asks_for_the_stage_is_undecided_without_one(tmp_path: Path) -> None:
    """It takes one value of a table by stage, and of which stage nobody says."""
    rule = (
        f"{METADATA}package gaia.plan.a\n\nimport data.gaia.lib.stage\n\n"
        'deny contains {"message": "too many"} if input.count > stage.of({"prod": 1, "other": 9})\n'
    )
    policies = PolicySet.load(write(tmp_path, {"plan/a.rego": rule, LIBRARY: SHIPPED}))

    def verdict(**gaia: str) -> tuple[str, str | None, str]:
        found = check_plan(policies, {"count": 5, "gaia": gaia}, subject="plan.json", engine=Regorus())
        return found.verdict, found.stage, found.about

    assert verdict(stage="prod") == ("denied", "prod", "plan.json, for the stage prod")
    assert verdict(stage="dev") == ("allowed", "dev", "plan.json, for the stage dev")
    assert verdict() == ("undecided", "", "plan.json, for no stage")
