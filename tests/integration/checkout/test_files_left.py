"""What a program that terraform starts leaves, also beside the component, lies where plain terraform puts it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import Ground

from gaia.settings import Settings
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cloud
SCRIPT = (
    "echo run >> ../log.txt; echo out > ../kubeconfig; mkdir -p ../shared; echo x > ../shared/x; "
    "echo top > ../../../top.txt; rm -f old.txt; ln -sf inner/made.txt current; mkdir -p inner; echo y > inner/made.txt"
)
CODE = f'resource "terraform_data" "a" {{\n  provisioner "local-exec" {{\n    command = "{SCRIPT}"\n  }}\n}}\n'
OURS = (".terraform", "terraform.tfstate")


def left(root: Path) -> dict[str, str]:
    """All files and links of a repository that are neither states nor terraform's data."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not any(part.startswith(OURS) for part in path.relative_to(root).parts) and not path.is_dir():
            found[name] = f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
    return found


def test_files_lie_where_plain_terraform_leaves_them(tmp_path: Path) -> None:
    """Twice: what a second run appends to and writes over is there, and what it removes is gone."""
    ground, plain = Ground(tmp_path / "repository"), Ground(tmp_path / "plain/repository")
    program = find_tool(Settings.capture(ground.environ, tmp_path)).path
    for one in (ground, plain):
        one.code(CODE)
        one.write("components/terraform/note/old.txt", "old\n")
        one.write("components/terraform/log.txt", "first\n")
    folder = plain.root / "components/terraform/note"
    for again in ((), ("-replace=terraform_data.a",)):
        ground.run("terraform", "apply", "one", "-s", "dev", "-auto-approve", *again)
        for words in (("init", "-input=false"), ("apply", "-auto-approve", "-var=stage=dev", *again)):
            subprocess.run([program, *words], cwd=folder, env=plain.environ, check=True, capture_output=True)
        assert left(ground.root) == left(plain.root)
