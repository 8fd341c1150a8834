"""Gaia as its users have it: a wheel in an empty environment, far from the clone, on another Python if there is one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

if TYPE_CHECKING:
    from tests.conftest import RequireTool

pytestmark = pytest.mark.cloud
ROOT = Path(__file__).resolve().parents[3]
UV = [sys.executable, "-m", "uv"]
UNREACHABLE = ("Failed to fetch", "error sending request", "dns error", "Network connectivity is disabled")
MADE = {"gaia/cost/prices/book.sqlite"}
"""What is made of the repository's files when it is packaged."""
Gaia = Callable[..., str]
SOMEBODY_S = {
    "atmos.yaml": "components: {terraform: {base_path: components/terraform}}\n"
    "stacks: {base_path: stacks, included_paths: ['*'], name_pattern: '{stage}'}\n",
    "stacks/dev.yaml": "vars: {stage: dev}\ncomponents: {terraform: {app: {vars: {name: shop}}}}\n",
    "components/terraform/app/main.tf": """\
variable "name" {}
variable "stage" {}
resource "terraform_data" "this" {
  input = "${var.name}-${var.stage}"
}
output "name" {
  value = terraform_data.this.output
}
""",
}
"""A repository that is not the blueprint: nothing but a stage, and local states."""


def other_python() -> str:
    """A Python of another version, newest first; this one where there is none."""
    homes = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in (14, 13, 12, 11):
        name = f"python3.{minor}"
        for found in [shutil.which(name), *map(str, homes.glob(f"3.{minor}.*/bin/{name}"))]:
            if minor != sys.version_info.minor and found and _runs(found):
                return found
    return sys.executable


def _runs(python: str) -> bool:
    return subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make wheel` builds."""
    folder = tmp_path_factory.mktemp("dist")
    hatchling = Path(sys.executable).with_name("hatchling")
    subprocess.run([hatchling, "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`bin` of an environment that has the wheel and the locked versions of what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    subprocess.run([*UV, "venv", "--quiet", "--no-python-downloads", "--python", other_python(), folder], check=True)
    wanted = ["--only-binary", ":all:", "--constraints", str(ROOT / "requirements.lock"), str(wheel)]
    done = subprocess.run(
        [*UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", folder / "bin/python", *wanted],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode and any(words in done.stderr for words in UNREACHABLE):
        pytest.skip("optional: no package index in reach")
    assert done.returncode == 0, done.stderr
    return folder / "bin"


@pytest.fixture
def gaia(installed: Path, tmp_path: Path) -> Gaia:
    """Call it as a user would, in a folder that has nothing to do with the clone."""

    def call(*words: str, folder: Path = tmp_path, **more: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        environ = kept | more
        command = [str(installed / "gaia"), *words]
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert str(ROOT) not in done.stdout + done.stderr
        return done.stdout

    return call


def test_the_wheel_holds_what_git_holds(wheel: Path) -> None:
    """Blueprint, prices, pages, migrations: every file of theirs that is in the repository, and none that is not."""
    tracked = subprocess.run(
        ["git", "ls-files", "src/gaia", "blueprint", "docs"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    inside = {
        name.removeprefix("src/") if name.startswith("src/") else f"gaia/{name}"
        for name in tracked
        if not (name.startswith("docs/") and name.endswith(".py")) and (ROOT / name).exists()
    }
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert sorted(inside - names) == []
    assert names >= MADE
    inside |= MADE
    assert [name for name in sorted(names) if Path(name).suffix not in {".py", ".md"} and name not in inside] == []


def test_a_platform_repository_is_made_read_and_judged(gaia: Gaia, tmp_path: Path) -> None:
    """From nothing: help, the repository, its stacks, one component, the tests of its policies."""
    assert "Ask for a service" in gaia("--help")
    assert json.loads(gaia("init", "platform", "--output", "json"))["token"]
    platform = tmp_path / "platform"
    assert "Valid" in gaia("validate", "stacks", folder=platform)
    described = json.loads(
        gaia("describe", "component", "account-key", "-s", "acme-use1-dev", "--format", "json", folder=platform)
    )
    assert described["atmos_component"] == "account-key"
    assert "passed; " in gaia("policy", "test", folder=platform)


def test_somebody_s_atmos_repository_is_worked_on_and_adopted(
    gaia: Gaia, tmp_path: Path, require_tool: RequireTool
) -> None:
    """Planned and applied as it lies; plain terraform in Atmos's places goes on, with an empty plan; served; left."""
    terraform = str(require_tool("terraform"))
    root = tmp_path / "infrastructure"
    for name, text in SOMEBODY_S.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git = ["git", "-c", "user.name=ada", "-c", "user.email=ada@example.com"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *words], cwd=root, check=True)
    assert "Valid" in gaia("validate", "stacks", folder=root)
    assert "1 to add" in gaia("terraform", "plan", "app", "-s", "dev", folder=root)
    gaia("terraform", "apply", "app", "-s", "dev", "-auto-approve", folder=root)
    assert "shop-dev" in gaia("terraform", "output", "app", "-s", "dev", folder=root)
    gaia("terraform", "generate", "varfile", "app", "-s", "dev", folder=root)
    for command in (["init"], ["plan", "-detailed-exitcode", "-var-file=dev-app.terraform.tfvars.json"]):
        done = subprocess.run(
            [terraform, *command, "-input=false", "-no-color"], cwd=root / "components/terraform/app",
            env={**os.environ, "TF_WORKSPACE": "dev"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    token = json.loads(gaia("adopt", "--output", "json", folder=root))["token"]
    assert "object-store" in gaia("list", "templates", folder=root), "the package's own, where there are none"
    gaia("leave", folder=root, GAIA_TOKEN=token)


def test_pages_that_messages_name_are_there(installed: Path) -> None:
    """A message points into the package, not into a clone that its reader does not have."""
    code = "from gaia.kit.pages import page; print(page('how-to/install.md'))"
    said = subprocess.run([installed / "python", "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    assert Path(said.strip()).is_relative_to(installed.parent)
    assert Path(said.strip()).is_file()


def test_what_is_optional_says_how_it_is_installed(installed: Path, tmp_path: Path) -> None:
    """The emulated AWS is an extra; without it the command names the page that says how to get it."""
    done = subprocess.run(
        [installed / "gaia", "sandbox", "up"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "sandbox-missing" in done.stderr
    assert "install.md" in "".join(done.stderr.split())
