"""A plan of `-refresh-only`: what applying it writes into the state is its change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.operations.drift.evidence import RECORDED, evidence

from gaia.kit import keys
from gaia.operations.promise import promise_of
from gaia.stacks.model import InstanceKey
from gaia.terraform.normal import NormalForm
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

KEY = InstanceKey("dev", "photos")


def test_what_was_found_is_what_it_changes() -> None:
    """Terraform writes no `resource_changes` into it."""
    plan = evidence("refresh-only").plan
    assert (plan.only_refreshes, plan.empty, plan.resources) == (True, False, ())
    assert [(one.address, one.action) for one in plan.changes] == [("aws_s3_bucket.this", "update")]


@pytest.mark.parametrize("name", ["outside", "gone", "provider", "in-sync", "group-owner", "table"])
def test_another_plan_is_none_of_these(name: str) -> None:
    """Though it found the same, and though it may change nothing."""
    plan = evidence(name).plan
    assert not plan.only_refreshes
    assert not {one.address for one in plan.changes} - {one.address for one in plan.resources}


def test_it_is_approved_by_its_values(tmp_path: Path) -> None:
    """Another drift has another digest, and so has the change that would put it back."""
    key = keys.make_key(tmp_path)
    text = (RECORDED / "refresh-only.plan.json").read_text()
    one, other = (Plan.parse(each) for each in (text, text.replace("somebody", "nobody")))
    back = evidence("outside").plan
    digests = {NormalForm.of({KEY: plan}, key).digest for plan in (one, other, back)}
    assert len(digests) == 3


def test_what_the_state_holds_afterwards(tmp_path: Path) -> None:
    """What was changed stays in it, what is gone leaves it."""
    raw = evidence("gone").plan.raw
    plan = Plan.parse({name: value for name, value in raw.items() if name != "resource_changes"})
    approved = NormalForm.of({KEY: plan}, keys.make_key(tmp_path)).parts[KEY]
    promise = promise_of(plan, approved)
    assert promise.gone == {"aws_s3_bucket.this", "aws_s3_bucket_versioning.this"}
    assert promise.kept == frozenset()
