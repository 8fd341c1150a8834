"""One instance against moto: init, plan, apply, state, and the state lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, GaiaError, ToolFailed
from gaia.terraform import lock
from gaia.terraform.workdir import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.kit.procfs import Identity
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.events import Event

pytestmark = pytest.mark.cloud


def test_plan_and_apply(terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """A plan is applied with events; state and outputs are read; a second init runs nothing; a second plan is empty."""
    values = {"name": "planned", "secret": "s3cr3t-value"}
    instance = make("one", "parameter", values)
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables=values)
    assert terraform.init(wd)
    before = terraform.state_pull(wd)
    assert before is None or before.empty
    events: list[Event] = []
    started: list[Identity] = []
    plan = terraform.plan(wd, on_event=events.append, on_start=started.append)
    assert {change.address: change.action for change in plan.changes} == {
        "aws_iam_policy.this": "create",
        "terraform_data.secret": "create",
    }
    terraform.apply(wd, on_event=events.append, on_start=started.append)
    assert len(started) == 2
    assert any(event.kind == "complete" and event.id and "policy/planned" in event.id for event in events)
    assert wd.planfile.stat().st_mode & 0o777 == wd.varfile.stat().st_mode & 0o777 == 0o600
    state = terraform.state_pull(wd)
    assert state is not None
    assert state.output_values["password"] == "s3cr3t-value"
    assert terraform.redact("it is s3cr3t-value!") == "it is (sensitive)!"
    assert lock.read_lock_ids(wd.core_log) == ()

    again = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables=values)
    assert not terraform.init(again)
    assert terraform.plan(again).empty


def test_killed(terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """The id of the lock that a killed terraform left is known, equals the one the backend names, and releases it."""
    import os
    import signal

    values = {"name": "killed"}
    wd = prepare(tmp_path / "w", tree_source=tree, instance=make("k", "parameter", values), variables=values)
    terraform.init(wd)
    terraform.plan(wd)
    started: list[Identity] = []

    def kill(event: Event) -> None:
        if event.kind == "start":
            os.killpg(started[0].pid, signal.SIGKILL)

    with pytest.raises(ToolFailed, match="signal 9"):
        terraform.apply(wd, on_start=started.append, on_event=kill)
    ours = lock.read_lock_ids(wd.core_log)[-1]
    assert ours
    with pytest.raises(Conflict) as refused:
        terraform.plan(wd, log_core=tmp_path / "other.log")
    held = refused.value.facts["lock"]
    assert isinstance(held, dict)
    assert refused.value.code == "state-locked"
    assert held["id"] == ours
    assert "@" in held["who"]
    assert held["created"]
    with pytest.raises(GaiaError):
        terraform.force_unlock(wd, "00000000-0000-0000-0000-000000000000")
    terraform.force_unlock(wd, ours)
    terraform.plan(wd)
