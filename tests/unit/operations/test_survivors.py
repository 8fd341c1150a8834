"""Processes that outlive an operation are found by where they run and what they are, and ended."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Unavailable
from gaia.kit.procfs import Identity
from gaia.operations.survivors import end, end_survivors, survivors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="optional: needs /proc")


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Callable[[str, Path], Identity]]:
    """Start a process that waits, under a name of its own, in a folder, as the leader of a group."""
    running: list[subprocess.Popen[bytes]] = []

    def start(name: str, folder: Path) -> Identity:
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        if not program.exists():
            shutil.copy2(shutil.which("sleep") or "/bin/sleep", program)
        folder.mkdir(parents=True, exist_ok=True)
        child = subprocess.Popen([program, "600"], cwd=folder, process_group=0)
        running.append(child)
        return Identity.of(child.pid)

    yield start
    for child in running:
        child.kill()
        child.wait()


def test_a_provider_in_our_folder_is_found_and_ended(spawn: Callable[[str, Path], Identity], tmp_path: Path) -> None:
    """Even when its terraform was killed before the journal could name it."""
    provider = spawn("terraform-provider-aws_v5", tmp_path / "work" / "tree")
    elsewhere = spawn("terraform-provider-aws_v5", tmp_path / "other")
    shell = spawn("sh-of-somebody", tmp_path / "work")
    found = survivors((), tmp_path / "work")
    assert [identity.pid for identity in found] == [provider.pid]
    end(found, grace=0.0)
    assert not provider.alive()
    assert elsewhere.alive()
    assert shell.alive()


def test_a_journalled_group_is_found_in_our_folder_only(spawn: Callable[[str, Path], Identity], tmp_path: Path) -> None:
    """A pid that was given out again, to a process elsewhere, is nobody of ours."""
    member = spawn("plugin", tmp_path / "work")
    reused = spawn("innocent", tmp_path / "other")
    journalled = (Identity(member.pid, 1, member.boot), Identity(reused.pid, 1, reused.boot))
    assert [identity.pid for identity in survivors(journalled, tmp_path / "work")] == [member.pid]


@pytest.mark.parametrize("name", ["terraform", "tofu"])
def test_a_terraform_is_first_asked_to_save(tmp_path: Path, name: str) -> None:
    """SIGINT comes before SIGKILL, so that a terraform that lives can write its state."""
    script = tmp_path / "saves.py"
    script.write_text(
        "import pathlib, signal, sys\n"
        "signal.signal(signal.SIGINT, lambda *_: (pathlib.Path('saved').touch(), sys.exit(0)))\n"
        f"pathlib.Path('/proc/self/comm').write_text('{name}')\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    child = subprocess.Popen([sys.executable, script], cwd=tmp_path, stdout=subprocess.PIPE, process_group=0)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"ready\n"
        end(survivors((Identity.of(child.pid),), tmp_path))
    child.wait()
    assert (tmp_path / "saved").exists()


def test_this_process_is_never_a_survivor() -> None:
    """The recovery itself may run in the folder, even in a group that has the number of an earlier one."""
    earlier = Identity(os.getpgrp(), 1, "boot")
    assert os.getpid() not in [identity.pid for identity in survivors((earlier,), Path.cwd())]


def test_what_a_dead_preview_left_in_a_folder_is_ended(spawn: Callable[[str, Path], Identity], tmp_path: Path) -> None:
    """Without any journal, in folders below too; what runs elsewhere lives; where nothing runs nothing is done."""
    provider = spawn("terraform-provider-aws_v5", tmp_path / "preview" / "tree" / "vpc")
    elsewhere = spawn("terraform-provider-aws_v5", tmp_path / "other")
    assert end_survivors(tmp_path / "preview", grace=0.0) == (provider,)
    assert not provider.alive()
    assert elsewhere.alive()
    assert end_survivors(tmp_path / "preview") == ()
    member = spawn("plugin", tmp_path / "preview")
    assert end_survivors(tmp_path / "preview", (Identity(member.pid, 1, member.boot),), grace=0.0) == (member,)


def test_they_are_told_in_the_order_of_their_pids(spawn: Callable[[str, Path], Identity], tmp_path: Path) -> None:
    """Whichever the journal names first; one that is dead is none of them."""
    dead = spawn("terraform", tmp_path / "work")
    end([dead], grace=0.0)
    found = [spawn("plugin", tmp_path / "work"), spawn("terraform-provider-x", tmp_path / "work")]
    in_order = tuple(sorted(found, key=lambda identity: identity.pid))
    assert survivors([dead, *reversed(in_order)], tmp_path / "work") == in_order


def test_another_process_with_a_number_that_was_given_out_again_lives(
    spawn: Callable[[str, Path], Identity], tmp_path: Path
) -> None:
    """It began later than the one that is to be ended."""
    innocent = spawn("plugin", tmp_path / "work")
    end([Identity(innocent.pid, innocent.started - 1, innocent.boot)], grace=0.0)
    assert innocent.alive()


def test_one_that_ends_by_itself_in_that_moment_is_no_error(
    spawn: Callable[[str, Path], Identity], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """There is nobody left to signal."""
    ending, real = spawn("plugin", tmp_path / "work"), os.kill

    def kill(pid: int, number: int) -> None:
        real(pid, number)
        raise ProcessLookupError(3, "no such process", str(pid))

    with monkeypatch.context() as patch:
        patch.setattr(os, "kill", kill)
        end([ending], grace=0.0)
    assert not ending.alive()


def test_one_that_cannot_be_ended_is_named(
    spawn: Callable[[str, Path], Identity], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody else's, or one that hangs in the kernel: it is an error, with its pid, and nothing is planned."""
    alive = spawn("plugin", tmp_path / "work")

    def refuse(pid: int, number: int) -> None:
        raise PermissionError(number, "not yours", str(pid))

    with monkeypatch.context() as patch:
        patch.setattr(os, "kill", refuse)
        with pytest.raises(Unavailable) as caught:
            end([alive], grace=0.0, patience=0.0)
    assert caught.value.code == "survivors-alive"
    assert str(alive.pid) in caught.value.message


def test_without_proc_the_journal_alone_tells(
    spawn: Callable[[str, Path], Identity], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What the journal does not name cannot be found; what it names is."""
    named, unnamed = spawn("plugin", tmp_path / "work"), spawn("terraform-provider-x", tmp_path / "work")
    assert unnamed in survivors([named], tmp_path / "work")

    def nothing(_: Path) -> Iterator[Path]:
        raise FileNotFoundError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", nothing)
        assert survivors([named], tmp_path / "work") == (named,)
