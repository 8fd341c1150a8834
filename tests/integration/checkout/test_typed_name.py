"""On a terminal everything that destroys wants the stack's name typed, however it is spelled and approved."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import Ground, ids

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cloud
CODE = 'variable "n" {\n  default = 0\n}\nresource "terraform_data" "a" {\n  input = var.n\n}\n'
ONE = ("one", "-s", "dev")
NAME = "Type the stack's name:"
PATIENCE = 120.0


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """An instance with one resource."""
    made = Ground(tmp_path / "repository")
    made.code(CODE)
    made.run("terraform", "apply", *ONE, "-auto-approve")
    return made


def on_terminal(ground: Ground, answers: dict[str, str], *words: str) -> tuple[int, str]:
    """`gaia …` on a terminal of its own, each question answered once; how it ended, and what was shown."""
    terminal, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gaia", *words], cwd=ground.root, stdin=side, stdout=side, stderr=side,
        env=ground.environ | {"COLUMNS": "300", "NO_COLOR": "1", "TERM": "dumb"}, start_new_session=True,
    )  # fmt: skip
    os.close(side)
    seen, left, deadline = "", dict(answers), time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline and select.select([terminal], [], [], deadline - time.monotonic())[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # the other side is closed
                break
            seen += piece.decode("utf-8", "replace")
            for question in [one for one in left if one in seen]:
                os.write(terminal, f"{left.pop(question)}\n".encode())
        return process.wait(PATIENCE), re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


@pytest.mark.parametrize(
    "line",
    [
        "destroy one -s dev -auto-approve",
        "destroy one -s dev --yes",
        "apply one -s dev -destroy -auto-approve",
        "apply one -s dev -destroy=T -auto-approve",
        "deploy one -s dev -destroy",
    ],
)
def test_what_destroys_asks_for_the_name(ground: Ground, line: str) -> None:
    """An answer that is another word leaves everything as it is; nothing on the line answers in its place."""
    code, seen = on_terminal(ground, {NAME: "yes"}, "terraform", *line.split())
    assert (code, NAME in seen, len(ids(ground.state("one")))) == (1, True, 1), seen


def test_the_name_destroys(ground: Ground) -> None:
    """It is the stack's."""
    code, seen = on_terminal(ground, {NAME: "dev"}, "terraform", "apply", *ONE, "-destroy", "-auto-approve")
    assert (code, ids(ground.state("one"))) == (0, []), seen


def test_what_atmos_yaml_approves_is_no_destruction(ground: Ground) -> None:
    """`apply_auto_approve` is for what is applied."""
    path = ground.root / "atmos.yaml"
    path.write_text(path.read_text().replace("{base_path: components/terraform}", "{base_path: components/terraform, apply_auto_approve: true}"))  # fmt: skip # noqa: E501
    code, seen = on_terminal(ground, {NAME: ""}, "terraform", "apply", *ONE, "-destroy")
    assert (code, NAME in seen, len(ids(ground.state("one")))) == (1, True, 1), seen
    code, seen = on_terminal(ground, {}, "terraform", "apply", *ONE, "-var", "n=1")
    assert (code, NAME in seen) == (0, False), seen


def test_a_plan_that_destroys_asks_when_it_is_applied(ground: Ground) -> None:
    """By `--from-plan` or by its name: who named the file has not seen that it destroys everything."""
    ground.run("terraform", "plan", *ONE, "-destroy", "-out=all.plan")
    ground.run("terraform", "plan", *ONE, "-destroy")
    for words in (("--from-plan",), ("all.plan",), ("-auto-approve", "all.plan")):
        code, seen = on_terminal(ground, {NAME: "no"}, "terraform", "apply", *ONE, *words)
        assert (code, NAME in seen, len(ids(ground.state("one")))) == (1, True, 1), seen


@pytest.mark.parametrize("word", ["f", "F", "FALSE", "False", "0", "false"])
def test_an_approval_that_says_no_asks(ground: Ground, word: str) -> None:
    """In all the spellings that terraform knows."""
    line = ("terraform", "apply", *ONE, "-var", "n=1", f"-auto-approve={word}")
    code, seen = on_terminal(ground, {"[y/N]": "n"}, *line)
    assert (code, "[y/N]" in seen, "Nothing was changed" in seen) == (1, True, True), seen
    refused = ground.run("terraform", "apply", *ONE, "-auto-approve=nope", fine=(1, 2))
    assert "says neither yes nor no" in refused
