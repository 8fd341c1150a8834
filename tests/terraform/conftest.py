"""Terraform with the mirrors of this machine, and components that are initialised once a worker."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Unavailable
from gaia.kit import process
from gaia.settings import Settings
from gaia.terraform.providers import write_cli_config
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from collections.abc import Callable

COMPONENTS = Path(__file__).resolve().parents[2] / "blueprint/components/terraform"


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., process.Completed]:
    """`run(folder, "validate")`: one terraform command, offline but for providers that no mirror holds."""
    home = tmp_path_factory.mktemp("terraform-home")
    settings = Settings.capture(os.environ, home)
    try:
        tool = find_tool(settings)
    except Unavailable as error:
        pytest.skip(error.message)
    environment = process.child_environment(
        settings.environ,
        TF_CLI_CONFIG_FILE=str(write_cli_config(home, tool, settings.environ)),
        CHECKPOINT_DISABLE="1",
        TF_IN_AUTOMATION="1",
        AWS_EC2_METADATA_DISABLED="true",
    )

    def command(folder: Path, *arguments: str) -> process.Completed:
        return process.run([tool.path, *arguments], cwd=folder, env=environment, timeout=300)

    return command


@pytest.fixture(scope="session")
def ready(run: Callable[..., process.Completed], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`ready("kms")`: a copy of the component, initialised; the same copy whenever it is asked for."""
    copies: dict[str, Path] = {}

    def prepare(name: str) -> Path:
        if name not in copies:
            copy = tmp_path_factory.mktemp("component") / name
            shutil.copytree(COMPONENTS / name, copy, ignore=shutil.ignore_patterns(".terraform*"))
            done = run(copy, "init", "-backend=false", "-input=false", "-no-color")
            assert done.returncode == 0, done.stdout + done.stderr
            copies[name] = copy
        return copies[name]

    return prepare
