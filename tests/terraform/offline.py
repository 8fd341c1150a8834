"""Terraform with the mirrors of this machine and one provider process that is kept for all its commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.kit import process
from gaia.settings import Settings
from gaia.terraform.providers import write_cli_config
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPONENTS = Path(__file__).resolve().parents[2] / "blueprint/components/terraform"
START_SECONDS = 120.0


class Terraform:
    """`terraform(folder, "validate")`: one command, offline but for providers that no mirror holds."""

    def __init__(self, home: Path) -> None:
        settings = Settings.capture(os.environ, home)
        self._tool = find_tool(settings)
        self._home = home
        self._environment = process.child_environment(
            settings.environ,
            TF_CLI_CONFIG_FILE=str(write_cli_config(home, self._tool, settings.environ)),
            CHECKPOINT_DISABLE="1",
            TF_IN_AUTOMATION="1",
            AWS_EC2_METADATA_DISABLED="true",
            GOGC="400",
        )
        self._provider: process.Child | None = None

    def __call__(self, folder: Path, *arguments: str) -> process.Completed:
        """How the command ended."""
        return process.run([self._tool.path, *arguments], cwd=folder, env=self._environment, timeout=900)

    def keep_provider(self) -> None:
        """Start the AWS provider once for all commands that follow: each would pay 600 MB and 3 s for its own.

        Only for commands whose providers are mocked or that read nothing: what is configured stays configured.
        """
        folder = self._home / "provider"
        folder.mkdir()
        shutil.copy(COMPONENTS / "kms/versions.tf", folder)
        good(self(folder, "init", "-backend=false", "-input=false", "-no-color"))
        (binary,) = folder.glob(".terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*")
        lines: list[str] = []
        said = threading.Event()

        def listen(line: str) -> None:
            if not said.is_set() and "TF_REATTACH_PROVIDERS=" in line:
                lines.append(line)
                said.set()

        environment = {**self._environment, "GOGC": "100"}
        self._provider = process.start([binary, "-debug"], cwd=folder, env=environment, on_line=listen)
        assert said.wait(START_SECONDS), "the provider did not say how it is reached"
        found = re.search(r"TF_REATTACH_PROVIDERS='(.*)'", lines[0])
        assert found is not None
        (address,) = json.loads(found[1]).values()
        source = "/".join(binary.relative_to(folder / ".terraform/providers").parts[:3])
        self._environment["TF_REATTACH_PROVIDERS"] = json.dumps({source: address})

    def close(self) -> None:
        """End the provider that was kept."""
        if self._provider is not None:
            self._provider.stop()


def good(done: process.Completed) -> process.Completed:
    """What ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def diagnostics(done: process.Completed) -> list[Mapping[str, object]]:
    """What `validate -json` found, warnings too."""
    found: list[Mapping[str, object]] = json.loads(done.stdout)["diagnostics"]
    return found
