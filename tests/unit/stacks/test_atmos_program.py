"""The second describer, a real `atmos`: its contract by recorded answers, and a comparison where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.conformance.compare import differences, normal

from gaia.errors import ToolFailed
from gaia.stacks.atmos import Atmos
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from tests.conftest import RequireTool


CORPUS = Path(__file__).resolve().parents[3] / "tests/conformance/atmos"
FIXTURE = "inheritance"
FAKE = """\
#!{python}
import json, os, sys
answers = json.load(open({answers!r}))
key = " ".join(sys.argv[1:])
if os.environ.get("ATMOS_DESCRIBE_COMPONENT_FILTER") != "full":
    sys.exit("the short document was asked for")
if key not in answers:
    print("# Error: no such component", file=sys.stderr)
    sys.exit(1)
print(answers[key])
"""


def recorded() -> dict[str, str]:
    """Command → answer, of the cases of one fixture that Atmos answered."""
    cases = json.loads((CORPUS / "cases.json").read_text())["cases"]
    return {
        " ".join(case["command"]): (CORPUS / case["expected"]["json_file"]).read_text()
        for case in cases
        if case["fixture_dir"] == FIXTURE and case["command"][0] == "describe" and "json_file" in case["expected"]
    }


@pytest.fixture(name="folder")
def repository(tmp_path: Path) -> Path:
    """A copy of the fixture outside of any git work tree."""
    return Path(shutil.copytree(CORPUS / "fixtures" / FIXTURE, tmp_path / FIXTURE))


@pytest.fixture(name="fake")
def program(tmp_path: Path) -> Path:
    """An `atmos` that gives recorded answers and refuses the rest."""
    answers, file = tmp_path / "answers.json", tmp_path / "atmos"
    answers.write_text(json.dumps(recorded()))
    file.write_text(FAKE.format(python=sys.executable, answers=str(answers)))
    file.chmod(0o755)
    return file


def described(describer: Repository | Atmos, folder: Path) -> dict[str, Any]:
    """Everything that was recorded, by the command, without what differs from machine to machine."""
    found: dict[str, Any] = {}
    for command in recorded():
        words = command.split()
        if words[1] == "component":
            answer: object = describer.describe_component(words[2], words[4])
        else:
            answer = describer.describe_stacks()
        found[command] = normal(json.loads(json.dumps(answer)), str(folder), FIXTURE)
    return found


@pytest.mark.slow
def test_both_describers_give_what_was_recorded(folder: Path, fake: Path) -> None:
    """The same answers stand behind the same port, Gaia's own and those of a program."""
    environ = {"ATMOS_COMPONENTS_TERRAFORM_COMMAND": "tofu", "PATH": os.environ["PATH"]}
    own = described(Repository.open(folder, environ=environ), folder)
    other = described(Atmos(fake, folder, environ), folder)
    assert len(own) > 3
    assert list(differences(own, other)) == []


def test_a_refusal_is_an_error(folder: Path, fake: Path) -> None:
    """With what the program said."""
    with pytest.raises(ToolFailed, match="no such component") as caught:
        Atmos(fake, folder, {}).describe_component("nothing", "dev")
    assert caught.value.code == "atmos-failed"


def test_an_answer_that_is_no_json_is_an_error(folder: Path, tmp_path: Path) -> None:
    """Better than to go on with half of it."""
    talker = tmp_path / "talker"
    talker.write_text("#!/bin/sh\necho warning\n")
    talker.chmod(0o755)
    with pytest.raises(ToolFailed) as caught:
        Atmos(talker, folder, {}).describe_stacks()
    assert caught.value.code == "atmos-answer"


def test_the_real_program_agrees(folder: Path, require_tool: RequireTool) -> None:
    """Where atmos is installed, the two are compared."""
    program = require_tool("atmos", optional=True)
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    own = described(Repository.open(folder, environ=environ), folder)
    assert list(differences(own, described(Atmos(program, folder, environ), folder))) == []
