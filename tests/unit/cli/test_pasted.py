"""Several lines pasted at once into a real terminal: no question takes one of them for its answer."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
BLUEPRINT = Path(__file__).resolve().parents[3] / "blueprint"
ASK = "gaia request object-store photos -s acme-use1-dev"
NEXT = "echo next-$((1 + 1))"
"""What it prints is not what is typed, which the terminal echoes."""
PATIENCE = 60.0


@dataclass
class Shell:
    """A bash on a terminal of its own."""

    terminal: int
    seen: str = ""

    def paste(self, *lines: str) -> None:
        """All at once."""
        os.write(self.terminal, "".join(f"{line}\n" for line in lines).encode())

    def until(self, text: str) -> str:
        """What was shown until the text, which has to come."""
        deadline = time.monotonic() + PATIENCE
        while (
            text not in self.seen and select.select([self.terminal], [], [], max(0.0, deadline - time.monotonic()))[0]
        ):
            self.seen += os.read(self.terminal, 4096).decode()
        before, found, self.seen = self.seen.partition(text)
        assert found, before
        return before


@contextmanager
def shell(folder: Path, *options: str) -> Iterator[Shell]:
    """In the blueprint, without anything of the caller's; a shell that opens a terminal first has it as its own."""
    (folder / "inputrc").write_text("set enable-bracketed-paste off\n")
    (folder / "rc").write_text(f'PS1="ready> "; gaia() {{ {sys.executable} -I -m gaia "$@"; }}\n')
    terminal, side = os.openpty()
    env = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder), "GAIA_HOME": str(folder / "home")}
    env |= {"INPUTRC": str(folder / "inputrc"), "COLUMNS": "300"}
    bash = f'exec bash --rcfile "$1" {" ".join(options)} -i <"$0" >"$0" 2>&1'
    arguments = ["bash", "-c", bash, os.ttyname(side), str(folder / "rc")]
    process = subprocess.Popen(arguments, cwd=BLUEPRINT, env=env, start_new_session=True)
    try:
        started = Shell(terminal)
        started.until("ready> ")
        yield started
    finally:
        process.kill()
        process.wait()
        os.close(side)
        os.close(terminal)


@pytest.mark.parametrize("options", [(), ("--noediting",)])
def test_lines_after_a_command_that_asks_are_the_shells(tmp_path: Path, options: tuple[str, ...]) -> None:
    """The question is not asked, `y` answers nothing, and the command after it runs: with and without readline."""
    with shell(tmp_path, *options) as here:
        here.paste(ASK, "y", NEXT)
        said = here.until("next-2")
    assert "[lines-waiting]" in said
    assert "y: command not found" in said


def test_an_answer_that_comes_with_more_lines_is_none(tmp_path: Path) -> None:
    """It is named, and the others are the shell's."""
    with shell(tmp_path) as here:
        here.paste(ASK)
        here.until("in a few words: ")
        here.paste("holiday photos", NEXT)
        said = here.until("next-2")
    assert "'holiday photos' came together with more lines" in said


def test_one_line_at_a_time_is_an_answer(tmp_path: Path) -> None:
    """Each question is asked after the answer to the one before; those with a default are not."""
    with shell(tmp_path) as here:
        here.paste(ASK)
        here.until("`--ask` asks 2 more questions")
        for end, answer in {
            "in a few words: ": "holiday photos", "answers for it: ": "team-media", "pays for it: ": "cc-4711",
            "over a month: ": "500", "expect a month: ": "10",
        }.items():  # fmt: skip
            here.until(end)
            here.paste(answer)
        here.until("expect a month: ")
        here.paste("20")
        assert "[repository-missing]" in here.until("ready> ")
