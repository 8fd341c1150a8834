"""Typed in one repository while GAIA_HOME serves another: nothing of the served one is read, planned or changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gaia.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cloud

NOTE = "components/terraform/note"
FILES = {
    "atmos.yaml": (
        'base_path: ""\ncomponents: {terraform: {base_path: components/terraform}}\n'
        'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n'
        "workflows: {base_path: workflows}\n"
    ),
    "stacks/dev.yaml": (
        "vars: {stage: dev}\nterraform: {backend_type: local}\ncomponents: {terraform: {note: {vars: {text: NAME}}}}\n"
    ),
    "workflows/all.yaml": (
        "workflows:\n  all:\n    steps:\n"
        "      - {command: terraform deploy note -s dev}\n      - {command: terraform output note -s dev}\n"
    ),
    f"{NOTE}/main.tf": (
        'variable "text" {\n  type = string\n}\nvariable "stage" {\n  type = string\n}\n'
        'resource "terraform_data" "this" {\n  input = var.text\n}\n'
        'output "text" {\n  value = terraform_data.this.output\n}\n'
    ),
    ".gitignore": "*.tfstate*\nterraform.tfstate.d/\n",
}
ACTING = (
    "plan note -s dev", "apply note -s dev --yes", "plan note -s dev", "destroy note -s dev --yes",
    "terraform plan note -s dev -out=x.plan", "terraform apply note -s dev x.plan", "terraform plan note -s dev",
    "terraform apply note -s dev --from-plan", "terraform taint note -s dev terraform_data.this",
    "terraform deploy note -s dev", "terraform validate note -s dev", "terraform output note -s dev",
    "terraform state list note -s dev", "terraform show note -s dev", "terraform refresh note -s dev",
    "terraform apply --all -auto-approve", "terraform workspace list note -s dev", "terraform init note -s dev",
    "terraform fmt note -s dev", "workflow all -f all.yaml", "terraform clean note -s dev",
    "terraform destroy note -s dev --yes",
)  # fmt: skip
"""In an order in which each can do something."""


class Places:
    """Two repositories that look alike, and a home that serves the first one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("GAIA_")}
        self.environ |= {"GAIA_HOME": str(folder / "home"), "GAIA_CACHE_DIR": str(folder / "cache")}
        for name in ("served", "around"):
            for path, text in FILES.items():
                (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / name / path).write_text(text.replace("NAME", name))
            git = Git(folder / name, self.environ)
            for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "first")):
                git(*words)

    def run(self, name: str, line: str) -> subprocess.CompletedProcess[str]:
        """One command line in a repository."""
        command = [sys.executable, "-m", "gaia", *line.split()]
        return subprocess.run(
            command, cwd=self.folder / name, env=self.environ, capture_output=True, text=True, check=False
        )

    def all_of(self, name: str) -> dict[str, bytes]:
        """Every file of a folder; git's own as far as commits go."""
        root = self.folder / name
        found = (path for path in root.rglob("*") if path.is_file() and "/.git/" not in str(path))
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}

    def state(self, name: str) -> str:
        """The text that the state of the instance holds."""
        [path] = (self.folder / name / NOTE).rglob("*.tfstate")
        document = json.loads(path.read_text())
        return str(document["outputs"].get("text", {}).get("value"))


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The first one is adopted, and its instance applied by an operator."""
    made = Places(tmp_path_factory.mktemp("places"))
    adopted = made.run("served", "adopt . --output json")
    assert adopted.returncode == 0, adopted.stderr
    applied = made.run("served", "terraform deploy note -s dev")
    assert applied.returncode == 0, applied.stderr
    assert made.state("served") == "served"
    return made


def test_nothing_of_the_served_repository_is_read_planned_or_changed(places: Places) -> None:
    """Its files are broken meanwhile, so that whoever reads one fails; its state, its records and its home stay."""
    broken = [places.folder / "served" / name for name in ("atmos.yaml", "stacks/dev.yaml", f"{NOTE}/main.tf")]
    whole = {path: path.read_bytes() for path in broken}
    for path in broken:
        path.write_text("{ broken")
    before = places.all_of("served"), (places.folder / "home/gaia.db").read_bytes()
    work = sorted(str(path) for path in (places.folder / "home/repos/served").rglob("*"))
    assert work
    try:
        for line in ACTING:
            done = places.run("around", line)
            assert done.returncode == 0, (line, done.stderr)
            assert "served" not in done.stdout + done.stderr, line
            assert (places.all_of("served"), (places.folder / "home/gaia.db").read_bytes()) == before, line
        assert places.state("around") == "None"
    finally:
        for path, content in whole.items():
            path.write_bytes(content)
    assert sorted(str(path) for path in (places.folder / "home/repos/served").rglob("*")) == work
    assert places.state("served") == "served"


def test_what_asks_the_platform_names_both(places: Places) -> None:
    """It is refused there: the repository around is not the one that is served."""
    for line in ("request object-store photos -s dev", "retire photos -s dev"):
        done = places.run("around", line)
        assert (done.returncode, "repository-other" in done.stderr) == (6, True), done.stderr
