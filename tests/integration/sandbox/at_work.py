"""terraform whose cloud is the emulator of a GAIA_HOME."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gaia import sandbox
from gaia.kit import process
from gaia.settings import Settings
from gaia.terraform.providers import write_cli_config
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def terraform_at(home: Path, **more: str) -> Callable[..., str]:
    """`terraform(folder, "apply")`: stdout of one command, which must succeed, with more variables around it."""
    tool = find_tool(Settings.capture(os.environ, home))
    cloud = sandbox.environment(home)
    assert cloud is not None
    environment = process.child_environment(
        os.environ,
        CHECKPOINT_DISABLE="1",
        TF_CLI_CONFIG_FILE=str(write_cli_config(home, tool, os.environ)),
        TF_IN_AUTOMATION="1",
        GOGC="off",  # a third less CPU than by default
        GOMEMLIMIT="1536MiB",
        **cloud,
        **more,
    )

    def command(folder: Path, *arguments: str) -> str:
        done = process.run([tool.path, *arguments], cwd=folder, env=environment, timeout=1800)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        return done.stdout

    return command
