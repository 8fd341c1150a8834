"""One emulator a GAIA_HOME: found again, never confused with another process, never passed by."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia import sandbox
from gaia.cli.next_step import told
from gaia.errors import Conflict, Unavailable
from gaia.kit.files import exclusive
from gaia.kit.procfs import Identity
from gaia.sandbox import moto
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.usefixtures("stand_in")
def test_it_is_found_again_by_another_command(home: Path) -> None:
    """What is needed to find it stands in a private file; starting it again returns the same one."""
    started = sandbox.up(home)
    assert sandbox.up(home) == started
    assert sandbox.up(home, port=started.port) == started
    assert sandbox.status(home) == sandbox.EmulatorStatus(started, alive=True, healthy=True)
    state = home / "sandbox/state.json"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert json.loads(state.read_text())["pid"] == started.identity.pid
    assert os.getsid(started.identity.pid) == started.identity.pid


@pytest.mark.usefixtures("stand_in")
def test_it_is_told_to_every_aws_client_by_variables(home: Path) -> None:
    """None before the first start; an endpoint with an address and no real credentials between."""
    assert sandbox.environment(home) is None
    started = sandbox.up(home)
    environment = sandbox.environment(home)
    assert environment is not None
    assert environment["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{started.port}"
    assert environment["HTTP_PROXY"] == environment["http_proxy"] == environment["AWS_ENDPOINT_URL"]
    assert environment["AWS_SHARED_CREDENTIALS_FILE"] == environment["AWS_CONFIG_FILE"] == os.devnull
    assert sandbox.down(home)
    assert not sandbox.down(home)
    assert not started.identity.alive()


@pytest.mark.usefixtures("stand_in")
def test_a_home_that_used_it_never_turns_to_a_real_account_by_itself(home: Path) -> None:
    """Ended, it is still the emulator's: nobody is led anywhere until it runs again, or until somebody says so."""
    assert not sandbox.leave(home)
    sandbox.up(home)
    sandbox.down(home)
    assert sandbox.status(home) == sandbox.EmulatorStatus(None, alive=False, healthy=False, stopped=True)
    with pytest.raises(Unavailable) as caught:
        sandbox.environment(home)
    assert (caught.value.code, told(caught.value.next_step).count("gaia sandbox up")) == ("sandbox-down", 1)
    again = sandbox.up(home)
    assert sandbox.environment(home) is not None
    assert sandbox.leave(home)
    assert not again.identity.alive()
    assert sandbox.environment(home) is None
    assert sandbox.status(home) == sandbox.EmulatorStatus(None, alive=False, healthy=False)


@pytest.mark.usefixtures("stand_in")
def test_a_dead_one_never_lets_a_client_through_to_a_real_account(home: Path) -> None:
    """Registered but dead is an error with a next step, until it is started or ended."""
    started = sandbox.up(home)
    os.killpg(started.identity.pid, signal.SIGKILL)
    _wait_for_end(started.identity)
    assert sandbox.status(home) == sandbox.EmulatorStatus(started, alive=False, healthy=False)
    for call in (sandbox.environment, sandbox.inventory, sandbox.reset):
        with pytest.raises(Unavailable) as caught:
            call(home)
        assert caught.value.code == "sandbox-down"
    assert sandbox.up(home).identity != started.identity


@pytest.mark.usefixtures("stand_in")
def test_a_process_that_got_its_number_is_not_killed(home: Path) -> None:
    """After a reboot, or when the pid is somebody else's now, `down` forgets and touches nothing."""
    other = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    try:
        real = Identity.of(other.pid)
        for reused in (Identity(real.pid, real.started - 1, real.boot), Identity(real.pid, real.started, "other-boot")):
            state = {"port": 1, "pid": reused.pid, "started": reused.started, "boot": reused.boot}
            (home / "sandbox").mkdir(parents=True, exist_ok=True)
            (home / "sandbox/state.json").write_text(json.dumps(state))
            assert not sandbox.down(home)
            assert other.poll() is None
        assert sandbox.status(home).sandbox is None
    finally:
        other.kill()
        other.communicate()


@pytest.mark.usefixtures("stand_in")
def test_a_taken_port_is_named_and_nothing_is_left(home: Path) -> None:
    """Nothing is started and nothing is written down."""
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Unavailable) as caught:
        sandbox.up(home, port=other.getsockname()[1])
    assert caught.value.code == "port-taken"
    assert "gaia sandbox up" in told(caught.value.next_step)
    assert sandbox.status(home).sandbox is None


@pytest.mark.usefixtures("stand_in")
def test_a_running_one_is_not_moved_to_another_port(home: Path) -> None:
    """What it holds would be lost, so that is asked for in two commands."""
    started = sandbox.up(home)
    with pytest.raises(Conflict) as caught:
        sandbox.up(home, port=started.port - 1)
    assert caught.value.code == "sandbox-running"
    assert started.identity.alive()


@pytest.mark.usefixtures("stand_in")
def test_two_commands_do_not_start_two(home: Path) -> None:
    """The second one is told to wait."""
    with exclusive(home / "sandbox/lock"):
        for call in (sandbox.up, sandbox.down):
            with pytest.raises(Conflict) as caught:
                call(home)
            assert caught.value.code == "sandbox-busy"


def test_one_that_dies_at_once_says_why(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of its log is in the error, and it is forgotten."""
    monkeypatch.setattr(moto, "_SETTINGS", {"PYTHONPATH": str(home / "sandbox")})
    (home / "sandbox").mkdir(parents=True)
    (home / "sandbox/gaia.py").write_text("raise SystemExit('no luck today')")
    with pytest.raises(Unavailable) as caught:
        sandbox.up(home)
    assert caught.value.code == "sandbox-failed"
    assert "no luck today" in caught.value.message
    assert sandbox.status(home).sandbox is None


def test_a_missing_extra_says_how_to_get_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto is optional."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Unavailable) as caught:
        sandbox.up(home)
    assert caught.value.code == "sandbox-missing"
    assert "install.md" in caught.value.next_step


@pytest.mark.parametrize(
    "content",
    [b"{", b"", b"[]", b"7", b"{}", b"\xff", b"[" * 9999, b'{"port": "1", "pid": 1, "started": 1, "boot": ""}'],
)
def test_a_broken_state_file_is_not_guessed_at(home: Path, content: bytes) -> None:
    """An emulator may still run somewhere: whoever asks is told which file it is about, and how to go on."""
    state = home / "sandbox/state.json"
    state.parent.mkdir(parents=True)
    state.write_bytes(content)
    for ask in (sandbox.environment, sandbox.status, sandbox.running, sandbox.down, sandbox.up):
        with pytest.raises(Conflict, match=r"state\.json") as caught:
            ask(home)
        assert caught.value.code == "sandbox-state-broken"
        assert f"Remove {state}" in caught.value.next_step
    state.unlink()


def test_a_file_in_place_of_the_home(home: Path) -> None:
    """Nothing runs there, and nothing can be started there."""
    home.write_text("")
    assert sandbox.status(home).sandbox is None
    with pytest.raises(Unavailable) as caught:
        sandbox.up(home)
    assert caught.value.code == "file-not-writable"
    home.unlink()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_a_state_file_that_is_no_file_is_not_guessed_at(home: Path, make: Callable[[Path], None]) -> None:
    """Nor waited for."""
    state = home / "sandbox/state.json"
    state.parent.mkdir(parents=True)
    make(state)
    with pytest.raises(Conflict, match="cannot read") as caught:
        sandbox.status(home)
    assert caught.value.code == "sandbox-state-broken"
    state.rmdir() if state.is_dir() else state.unlink()


def test_the_state_buckets_are_those_of_the_blueprint(request: pytest.FixtureRequest) -> None:
    """One list in the sandbox, one in the stacks: they agree."""
    repository = Repository.open(request.config.rootpath / "blueprint")
    first = (repository.instance("state", stack) for stack in repository.stacks if "-use1-" in stack)
    assert {str(one.backend["bucket"]) for one in first} == set(sandbox.STATE_BUCKETS)


def _wait_for_end(identity: Identity) -> None:
    while identity.alive():
        os.waitpid(identity.pid, 0)
