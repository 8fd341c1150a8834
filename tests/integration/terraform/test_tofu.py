"""The same hands with OpenTofu, where it is on PATH."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.settings import Settings
from gaia.terraform.preview import preview
from gaia.terraform.tool import find_tool
from gaia.terraform.workdir import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.stacks.model import Instance, Reference
    from gaia.terraform.command import Terraform

pytestmark = pytest.mark.cloud


@pytest.fixture
def tofu(terraform: Terraform, tmp_path: Path) -> Terraform:
    """OpenTofu on the emulator."""
    if shutil.which("tofu") is None:
        pytest.skip("optional: tofu is not on PATH")
    settings = Settings.capture({**os.environ, "GAIA_TERRAFORM": "tofu"}, tmp_path)
    return replace(terraform, tool=find_tool(settings))


def test_preview_and_apply(tofu: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """Provider from the mirror, preview, plan, apply and an empty second plan; secrets are learnt."""
    assert tofu.tool.flavor == "tofu"

    def nothing(asked: Reference) -> object:
        raise AssertionError(asked)

    values = {"name": "tofu", "secret": "s3cr3t-tofu"}
    instance = make("tofu", "parameter", values)
    shown = preview(tofu, folder=tmp_path / "p", tree=tree, instances=[instance], states={}, outside=nothing)
    assert {change.action for change in shown.parts[instance.key].changes} == {"create"}
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables=values)
    tofu.init(wd)
    tofu.plan(wd)
    tofu.apply(wd)
    state = tofu.state_pull(wd)
    assert state is not None
    assert state.output_values["password"] == "s3cr3t-tofu"
    assert tofu.redact("s3cr3t-tofu") == "(sensitive)"
    assert tofu.plan(wd).empty
