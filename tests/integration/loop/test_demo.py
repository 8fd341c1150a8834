"""The demo is a test: it checks what it claims as it goes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from gaia.kit.procfs import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import RequireTool

pytestmark = [pytest.mark.cloud, pytest.mark.long(6)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_demo_and_all_that_it_began(tmp_path: Path, number: int) -> None:
    """Its emulator is stopped, its folder is removed."""
    program = [sys.executable, "-m", "gaia", "demo", "--yes"]
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(program, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        found = next(found for line in demo.stdout if (found := re.search(r"runs at .* process (\d+)", line)))
        emulator = Identity.of(int(found[1]))
        demo.send_signal(number)
        demo.stdout.read()
    assert demo.returncode == 130
    assert not emulator.alive()
    assert list(tmp_path.iterdir()) == []


def test_the_demo_plays_to_its_end_and_leaves_nothing_running(tmp_path: Path) -> None:
    """`gaia demo --yes` ends with success, having refused, approved, killed, resumed, explained and retired.

    What is being done is shown while it is: each thing that terraform makes, before the command that makes it ends.
    """
    done = subprocess.run(
        [sys.executable, "-m", "gaia", "demo", "--yes"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "approver-is-requester" in done.stdout
    assert "SIGKILL" in done.stdout
    begun = done.stdout.index("small and tagged")
    made, ended = (done.stdout.index(words, begun) for words in ("aws_s3_bucket.this created after", "✓ done"))
    assert made < ended
    assert "The whole loop took" in done.stdout


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path that is short enough for a socket of Chromium's below it."""
    with tempfile.TemporaryDirectory(prefix="gaia-") as folder:
        yield Path(folder)


def test_the_demo_at_the_page_stays_open_until_it_is_ended(short: Path, require_tool: RequireTool) -> None:
    """A browser asks and approves; then the page answers at the address that was shown, and a signal is a good end."""
    require_tool("chromium")
    program = [sys.executable, "-m", "gaia", "demo", "--page", "--yes"]
    environ = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environ |= {"TMPDIR": str(short)}
    with subprocess.Popen(program, cwd=short, env=environ, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        said = ""
        try:
            for line in demo.stdout:
                said += line
                assert "in a browser of your own" not in line, line
                if "Enter or Ctrl-C ends it" in line:
                    break
            address = re.search(r"The page stays open: (\S+)", said)
            assert address, said
            link = re.search(r"grace +(\S+)", said.partition("The page stays open")[2])
            assert link
            assert "Sign in" in httpx.get(f"{address[1]}/sign-in").text
            assert "gaia-session" in httpx.get(link[1]).headers["set-cookie"]
        finally:
            demo.send_signal(signal.SIGINT)
        said += demo.stdout.read()
    assert demo.returncode == 0, said
    assert "it offers her no Approve" in said
    assert "11 to create" in said
    with pytest.raises(httpx.ConnectError):
        httpx.get(address[1])
    assert list(short.iterdir()) == []
