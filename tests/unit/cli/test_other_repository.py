"""Typed in another repository than the one that GAIA_HOME serves: whoever asks the platform is refused, and both are
named; an operator acts on the files around her, and on nothing else."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.program import Program

from gaia.cli import main
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.settings import Settings

ATMOS = """\
base_path: .
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}
workflows: {base_path: workflows}
"""
FLOWS = """\
workflows:
  command: {stack: dev, steps: [{command: terraform state rm vpc x}]}
  outside: {stack: dev, steps: [{working_directory: ../nowhere, command: terraform state rm vpc x}]}
  elsewhere: {stack: dev, steps: [{working_directory: ../ours, command: terraform state rm vpc x}]}
  shell: {steps: [{type: shell, working_directory: ../ours, command: "$GAIA terraform apply vpc -s dev --yes"}]}
  hidden:
    env: {GAIA_AROUND: ../ours}
    steps: [{type: shell, command: "cd ../ours; $GAIA terraform plan vpc -s dev"}]
"""
ASKING = (
    "request object-store photos -s dev", "retire photos -s dev", "resume req_1", "approve req_1 --yes",
    "reject req_1 --reason no",
)  # fmt: skip
OPERATING = (
    "plan vpc -s dev", "apply vpc -s dev --yes", "destroy vpc -s dev --yes", "terraform plan vpc -s dev",
    "terraform apply vpc -s dev --yes", "terraform deploy vpc -s dev", "terraform destroy vpc -s dev --yes",
    "terraform validate vpc -s dev", "terraform output vpc -s dev", "terraform state list vpc -s dev",
    "terraform taint vpc -s dev x", "terraform import vpc -s dev x y", "terraform plan --all",
    "terraform workspace vpc -s dev", "terraform clean vpc -s dev", "terraform init vpc -s dev",
)  # fmt: skip
_TERRAFORM = """\
[ "$1" != version ] || echo '{"terraform_version": "1.12.0"}'
for each in "$@"; do case "$each" in -out=*) echo x > "${each#-out=}";; esac; done
[ "$1" != show ] || echo '{"format_version": "1.2"}'
"""


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Settings:
    """Two repositories with the same stacks; the home serves `ours`. Who gets as far as its records says so."""
    for name in ("ours", "theirs"):
        for folder in ("stacks", "workflows", "components/terraform/vpc"):
            (tmp_path / name / folder).mkdir(parents=True)
        (tmp_path / name / "atmos.yaml").write_text(ATMOS)
        (tmp_path / name / "workflows/go.yaml").write_text(FLOWS)
        (tmp_path / name / "stacks/dev.yaml").write_text("vars: {stage: dev}\ncomponents: {terraform: {vpc: {}}}\n")
        (tmp_path / name / "components/terraform/vpc/main.tf").write_text('variable "stage" {\n}\n')
    (tmp_path / "nowhere").mkdir()
    settings.home.mkdir(parents=True)
    row = {"id": "ours", "source": str(tmp_path / "ours"), "branch": "main"}
    (settings.home / "repository.json").write_text(json.dumps(row))
    program = Program(tmp_path / "program")
    program.does(_TERRAFORM)
    return replace(settings, environ={**settings.environ, "GAIA_TERRAFORM": str(program.path)})


def told(place: Settings, folder: str, line: str) -> tuple[int, str]:
    """How one command line in a folder ends: the exit code, and what stands on the error stream."""
    stderr = io.StringIO()
    session = Session(replace(place, cwd=place.cwd / folder), io.StringIO(), io.StringIO(), stderr)
    return main.run(line.split(), session), stderr.getvalue()


def error(place: Settings, folder: str, line: str) -> dict[str, object]:
    """The error that it ends with."""
    _, said = told(place, folder, f"{line} --output json")
    found: dict[str, object] = json.loads(said[said.index("{") :])
    return found


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("line", ASKING)
def test_whoever_asks_the_platform_is_refused_in_another_repository(place: Settings, line: str) -> None:
    """In its folder and below it; in the registered one, and in none, the records are asked."""
    ours = str(place.cwd / "ours")
    for folder in ("theirs", "theirs/stacks"):
        found = error(place, folder, line)
        assert found["error"] == "repository-other", folder
        assert ours in str(found["message"])
        assert "theirs" in str(found["message"])
    for folder in ("ours", "."):
        assert error(place, folder, line)["error"] == "database-missing"


@pytest.mark.parametrize("line", OPERATING)
def test_an_operator_acts_on_the_repository_around_her(place: Settings, line: str) -> None:
    """In its folder, below it, and where an option names it: the registered one is not even read, nor its records."""
    shutil.rmtree(place.cwd / "ours/stacks")  # whoever reads it fails
    (place.cwd / "ours/atmos.yaml").write_text("{")
    before = everything(place.cwd / "ours")
    program = place.cwd / "program"
    for folder, typed in (("theirs", line), ("theirs/stacks", line), ("nowhere", f"-C ../theirs {line}")):
        code, said = told(place, folder, typed)
        assert code == 0, said
        assert "ours" not in said
    places = (
        {Path(one) for one in (program / "places").read_text().splitlines()} if (program / "places").exists() else ()
    )
    assert not [one for one in places if one.is_relative_to(place.cwd / "ours")]
    assert "ours" not in (program / "environ").read_text() if places else True
    assert everything(place.cwd / "ours") == before
    assert sorted(one.name for one in (place.home / "repos").iterdir())[0].startswith("checkout-")
    assert not (place.home / "gaia.db").exists()


@pytest.mark.parametrize("line", OPERATING)
def test_an_operator_in_the_registered_repository_has_its_records(place: Settings, line: str) -> None:
    """Leases and the audit log are there, so without them nothing is done."""
    assert error(place, "ours", line)["error"] == "database-missing"
    assert error(place, "theirs", f"-C ../ours {line}")["error"] == "database-missing"


@pytest.mark.parametrize("line", OPERATING)
def test_an_operator_who_stands_nowhere_acts_on_nothing(place: Settings, line: str) -> None:
    """However many repositories the home serves."""
    assert error(place, "nowhere", line)["error"] == "not-a-repository"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["command", "outside", "elsewhere", "shell", "hidden"])
def test_a_workflow_acts_on_its_own_repository(place: Settings, name: str) -> None:
    """And on no other, also where a step works in a folder of the registered one, or names it; in its place, and from
    afar with -C."""
    environ = {**place.environ, "GAIA": f"{sys.executable} -m gaia", "PATH": os.environ["PATH"]}
    before = everything(place.cwd / "ours")

    def run(folder: str, *more: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "gaia", *more, "workflow", name]
        done = subprocess.run(command, cwd=place.cwd / folder, env=environ, capture_output=True, text=True, check=False)
        return done.returncode, " ".join(done.stderr.split())

    for folder, more in (("theirs", ()), ("nowhere", ("-C", "../theirs"))):
        code, said = run(folder, *more)
        if name in ("command", "outside"):
            assert code == 0, said
            continue
        assert (code, "repository-other" in said) == (6, True), said
        assert f"a workflow of {place.cwd / 'theirs'}, but the repository here is {place.cwd / 'ours'}" in said
    assert everything(place.cwd / "ours") == before
    code, said = run("ours")
    assert (code, "database-missing" in said) == (8, True), said


def test_the_fixture_is_read_as_a_repository(place: Settings) -> None:
    """Else everything would be refused for another reason."""
    assert shutil.which("git", path=os.environ["PATH"])
    session = Session(replace(place, cwd=place.cwd / "theirs"), io.StringIO(), io.StringIO(), io.StringIO())
    assert main.run(["list", "instances"], session) == 0
    assert isinstance(session.stdout, io.StringIO)
    assert session.stdout.getvalue() == "vpc\tdev\n"
