"""What it takes to initialise a new working directory whose provider a mirror on this machine holds.

Claim (decision 0009): a fifth of what `terraform init` takes, which reads the AWS provider whole to note its hash. Both
sides begin with an empty directory and the blueprint's component `kms`, and end with one that can be planned; medians
of several rounds, one after the other in one run.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gaia.kit.redact import Redactor
from gaia.settings import Settings
from gaia.terraform.command import Terraform
from gaia.terraform.providers import mirrored_for, write_cli_config
from gaia.terraform.tool import find_tool
from gaia.terraform.workdir import WorkingDirectory

COMPONENT = Path(__file__).resolve().parents[1] / "blueprint/components/terraform/kms"
ROUNDS = 7


def directory(root: Path) -> WorkingDirectory:
    """The component alone, never initialised."""
    module = root / "tree" / COMPONENT.name
    shutil.copytree(COMPONENT, module, ignore=shutil.ignore_patterns(".terraform*"))
    (root / "data").mkdir()
    return WorkingDirectory(root, root / "tree", module, root / "data", module / "x.tfvars.json", module / "x.planfile")


def main() -> None:
    """Print both medians and their ratio."""
    folder = Path(tempfile.mkdtemp(prefix="gaia-bench-"))
    settings = Settings.capture({**os.environ, "GAIA_HOME": str(folder / "home")}, folder)
    terraform = Terraform(find_tool(settings), home=settings.home, environ=dict(settings.environ), redact=Redactor())
    cli_config = write_cli_config(settings.home, terraform.tool, settings.environ)
    try:
        if not any(entry.type == "aws" for entry in mirrored_for(cli_config)):
            print("no mirror holds the AWS provider: see docs/how-to/run-without-the-internet.md")
            return
        ours, bare = [], []
        for number in range(ROUNDS + 1):
            wd = directory(folder / "bare" / str(number))
            env = {**settings.environ, "TF_CLI_CONFIG_FILE": str(cli_config), "TF_DATA_DIR": str(wd.data)}
            begun = time.perf_counter()
            subprocess.run(
                [terraform.tool.path, "init", "-input=false"], cwd=wd.module, env=env, check=True, capture_output=True
            )
            theirs = time.perf_counter() - begun
            begun = time.perf_counter()
            terraform.init(directory(folder / "ours" / str(number)))
            mine = time.perf_counter() - begun
            if number:  # the first round warms caches
                ours.append(mine)
                bare.append(theirs)
        mine, theirs = statistics.median(ours), statistics.median(bare)
        print(f"terraform init   {theirs * 1000:7.0f} ms")
        print(f"Gaia's init      {mine * 1000:7.0f} ms")
        print(f"ratio {mine / theirs:.2f} (claim: at most 0.20)")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
