"""`gaia` as a process: streams that are full, closed, gone or know no letters, and what is no UTF-8."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
PLAIN = ("", "--version", "list", "list --help", "status -o json", "list stacks")
"""The quick help, what the library writes, documents and lists."""


def run(shell: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """A line of bash in which `gaia` is this Gaia."""
    line = f'gaia() {{ {sys.executable} -I -m gaia "$@"; }}; {shell}'
    env = {**os.environ, **environ}
    return subprocess.run(["bash", "-c", line], capture_output=True, cwd=cwd, env=env, check=False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of stacks that `list stacks` can read."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/dev.yaml").write_text("vars: {stage: dev}\ncomponents: {terraform: {a: {}}}\n")
    stacks = "{base_path: stacks, included_paths: ['*'], name_pattern: '{stage}'}"
    (tmp_path / "atmos.yaml").write_text(f"base_path: .\nstacks: {stacks}\n")
    return tmp_path


@pytest.mark.parametrize("line", PLAIN)
def test_a_full_output_is_one_error(place: Path, line: str) -> None:
    """No traceback, and another exit code than success."""
    done = run(f"gaia {line} > /dev/full", place)
    code = b"disk-full" if line != "status -o json" else b"repository-missing"
    assert (code in done.stderr, b"Traceback" in done.stderr) == (True, False), done.stderr
    assert done.returncode == (8 if code == b"disk-full" else 3)


@pytest.mark.parametrize("line", PLAIN)
def test_a_reader_that_has_gone_is_no_failure(place: Path, line: str) -> None:
    """As `| head` does: the exit code is that of a command that was read to its end, and nothing is complained of."""
    done = run(f"gaia {line} | true; exit ${{PIPESTATUS[0]}}", place)
    assert done.returncode == (3 if line.startswith("status") else 0)
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr


@pytest.mark.parametrize("line", PLAIN)
def test_closed_streams_swallow(place: Path, line: str) -> None:
    """Each alone and all together."""
    for closed in (">&-", "2>&-", "<&-", ">&- 2>&- <&-"):
        done = run(f"gaia {line} {closed}", place)
        assert done.returncode == (3 if line.startswith("status") else 0), (closed, done.stderr)
        assert b"Traceback" not in done.stderr


def test_a_full_error_stream_does_not_hide_the_exit_code(place: Path) -> None:
    """The code of the error itself."""
    assert run("gaia status 2> /dev/full", place).returncode == 3


@pytest.mark.parametrize("environ", [
    {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONIOENCODING": "ascii:strict"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
])  # fmt: skip
def test_letters_that_a_stream_lacks_are_escaped(place: Path, environ: dict[str, str]) -> None:
    """The doctor's signs are such letters."""
    done = run(f"{sys.executable} -m gaia doctor", place, **environ)
    assert b"\\u2713" in done.stdout
    assert b"Traceback" not in done.stderr
    assert done.stdout.isascii()


@pytest.mark.parametrize("line", ["status", "--version", "doctor"])
def test_a_deleted_working_directory_is_said(tmp_path: Path, line: str) -> None:
    """No traceback; what needs no directory works."""
    gone = tmp_path / "gone"
    gone.mkdir()
    done = run(f"rmdir {gone} && gaia {line}", gone)
    assert b"Traceback" not in done.stderr
    needed = line != "--version"
    assert (done.returncode, b"cwd-missing" in done.stderr) == (8 if needed else 0, needed)


def test_what_is_no_utf_8_is_one_error(place: Path) -> None:
    """On the command line, in the token, and in an answer that is typed."""
    bad = "$(printf 'a\\xff')"
    said = run(f'gaia status "{bad}"', place)
    assert (said.returncode, b"text-invalid" in said.stderr) == (2, True)
    made = run("gaia init made", place)
    assert made.returncode == 0, made.stderr
    token = run(f'GAIA_TOKEN="{bad}" gaia status', place / "made")
    assert (token.returncode, b"token-unknown" in token.stderr) == (4, True)


def test_the_first_token_is_not_lost_with_the_output(place: Path) -> None:
    """A full output is an error that says how to get a fresh token."""
    done = run("gaia init made > /dev/full", place)
    assert (done.returncode, b"token-not-shown" in done.stderr) == (8, True)
    again = run('gaia init made -o json | sed -n \'s/.*"token": "\\(.*\\)".*/\\1/p\'', place)
    assert again.stdout.startswith(b"gaia_tok_")
    token = again.stdout.decode().strip()
    assert run("gaia status", place / "made", GAIA_TOKEN=token).returncode == 0


def test_a_token_that_nobody_saw_has_ended(place: Path) -> None:
    """Of a full output and of one that is closed; the first token waits for somebody who sees it."""
    closed = run("gaia init made >&-", place)
    assert (closed.returncode, b"token-not-shown" in closed.stderr) == (8, True)
    made = run("gaia init made -o json", place)
    admin = json.loads(made.stdout)["token"]
    for output in ("> /dev/full", ">&-"):
        lost = run(f"gaia token create dana -r viewer {output}", place / "made", GAIA_TOKEN=admin)
        assert (lost.returncode, b"token-not-shown" in lost.stderr) == (8, True), lost.stderr
    tokens = json.loads(run("gaia token list dana -o json", place / "made", GAIA_TOKEN=admin).stdout)["tokens"]
    assert [each["revoked_at"] is not None for each in tokens] == [True, True]


def test_crashes_of_one_moment_have_a_file_each(place: Path) -> None:
    """Named after the moment and the process."""
    crash = (
        "import sys; from gaia.cli import app, main; app.root = lambda: 1 / 0; sys.argv[1:] = ['status']; main.main()"
    )
    shell = f'for n in 1 2 3 4; do {sys.executable} -c "{crash}" & done; wait'
    done = run(shell, place, GAIA_HOME=str(place / "home"))
    assert done.stderr.count(b"[defect]") == 4, done.stderr
    assert len(list((place / "home/crashes").iterdir())) == 4
