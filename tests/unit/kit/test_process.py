"""gaia.kit.process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from gaia.errors import ToolFailed, Unavailable
from gaia.kit import process
from gaia.kit.interrupt import Interrupt
from gaia.kit.procfs import Identity
from gaia.kit.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture
def env(environ: Mapping[str, str]) -> dict[str, str]:
    """What a child of these tests gets."""
    return process.child_environment(environ)


def python(code: str) -> list[str]:
    """Arguments that run a piece of Python."""
    return [sys.executable, "-Iu", "-c", code]


def gone(pid: int) -> bool:
    """Whether no process with this id runs (a zombie does not run)."""
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - the same call in tests and in what they run
            return file.read().rpartition(")")[2].split()[0] in ("Z", "X")
    except FileNotFoundError:
        return True


def until_gone(pid: int) -> bool:
    """Wait, at most 10 s, for a process that is no child of ours to end."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    import select

    with os.fdopen(handle):
        return bool(select.select([handle], [], [], 10)[0]) or gone(pid)


def test_output_and_status(tmp_path: Path, env: dict[str, str]) -> None:
    """Both streams are kept, lines come in order, and the status is the program's."""
    lines: list[str] = []
    code = "import sys; print('one'); print('two'); print('bad', file=sys.stderr); sys.exit(3)"
    done = process.run(python(code), cwd=tmp_path, env=env, on_line=lines.append)
    assert done == process.Completed(3, "one\ntwo\n", "bad\n")
    assert lines == ["one", "two"]


def test_both_streams_are_handed_on(tmp_path: Path, env: dict[str, str]) -> None:
    """Each to its own listener; the last lines of stderr are kept as well."""
    script = "import sys; print('out'); print('working', file=sys.stderr)"
    said: dict[str, list[str]] = {"stdout": [], "stderr": []}
    child = process.start(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=env,
        on_line=said["stdout"].append,
        on_error_line=said["stderr"].append,
    )
    assert child.wait().stderr == "working\n"
    assert said == {"stdout": ["out"], "stderr": ["working"]}


def test_stdin(tmp_path: Path, env: dict[str, str]) -> None:
    """What is given is read; a program that does not read it is no error."""
    big = b"x" * 1_000_000
    assert process.run(["cat"], cwd=tmp_path, env=env, stdin=b"hi").stdout == "hi"
    assert process.run(["true"], cwd=tmp_path, env=env, stdin=big).returncode == 0


def test_environment_is_allow_listed(tmp_path: Path) -> None:
    """A child sees the listed variables and what the caller names, nothing else."""
    given = {"PATH": os.environ["PATH"], "AWS_SECRET_ACCESS_KEY": "s", "HOME": "/h"}
    env = process.child_environment(given, EXTRA="1")
    done = process.run(["env"], cwd=tmp_path, env=env)
    assert sorted(line.partition("=")[0] for line in done.stdout.splitlines()) == ["EXTRA", "HOME", "PATH"]


def test_missing_program(tmp_path: Path, env: dict[str, str]) -> None:
    """A program that is not there is `tool-missing`."""
    with pytest.raises(Unavailable) as refused:
        process.run([tmp_path / "nothing"], cwd=tmp_path, env=env)
    assert refused.value.code == "tool-missing"


def test_redacted_before_anything_sees_it(tmp_path: Path, env: dict[str, str]) -> None:
    """Neither lines nor collected output hold a secret that is known."""
    redact = Redactor()
    redact.learn("hunter2")
    lines: list[str] = []
    code = "import sys; print('a hunter2 b'); print('hunter2', file=sys.stderr)"
    done = process.run(python(code), cwd=tmp_path, env=env, redact=redact, on_line=lines.append)
    assert lines == ["a (sensitive) b"]
    assert "hunter2" not in done.stdout + done.stderr


def test_own_group_and_nothing_remains(tmp_path: Path, env: dict[str, str]) -> None:
    """A child leads its own group, and a grandchild that it leaves behind ends with it."""
    code = (
        "import os, subprocess; p = subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL);"
        "print(os.getpid() == os.getpgrp(), p.pid)"
    )
    done = process.run(python(code), cwd=tmp_path, env=env)
    leads, grandchild = done.stdout.split()
    assert leads == "True"
    assert until_gone(int(grandchild))


def test_time_limit(tmp_path: Path, env: dict[str, str]) -> None:
    """A child that takes too long is stopped, also when it ignores SIGINT and SIGTERM."""
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('ready'); signal.pause()"
    )
    ready = threading.Event()
    child = process.start(
        python(code), cwd=tmp_path, env=env, timeout=0.01, grace=(0.01, 0.01), on_line=lambda _: ready.set()
    )
    ready.wait(10)
    with pytest.raises(ToolFailed) as stopped:
        child.wait()
    assert stopped.value.code == "tool-timeout"
    assert not child.running


@pytest.mark.parametrize(("interrupt", "grace", "status"), [("leave", 10.0, 130), ("ignore", 0.1, 143)])
def test_signals_in_order(tmp_path: Path, env: dict[str, str], interrupt: str, grace: float, status: int) -> None:
    """SIGINT comes first; SIGTERM only to one that did not end by it."""
    code = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n"
        f"signal.signal(signal.SIGINT, (lambda *_: sys.exit(130)) if {interrupt!r} == 'leave' else signal.SIG_IGN)\n"
        "print('ready')\n"
        "while True: signal.pause()"
    )
    ready = threading.Event()
    child = process.start(python(code), cwd=tmp_path, env=env, grace=(grace, 10), on_line=lambda _: ready.set())
    assert ready.wait(10)
    child.stop()
    assert child.wait().returncode == status


STUBBORN = (
    "import signal, sys\n"
    "signal.signal(signal.SIGINT, {first})\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('ready')\n"
    "while True: signal.pause()"
)


def test_an_interrupt_reaches_a_silent_child_at_once(tmp_path: Path, env: dict[str, str]) -> None:
    """SIGINT goes out when it is asked for, not with the next line; lines that follow are still handed on."""
    interrupt, lines = Interrupt(), list[str]()
    code = STUBBORN.format(first="lambda *_: (print('saved'), sys.exit(3))")

    def on_line(line: str) -> None:
        lines.append(line)
        if line == "ready":
            threading.Thread(target=interrupt.ask).start()

    child = process.start(python(code), cwd=tmp_path, env=env, grace=(60, 60), on_line=on_line, interrupt=interrupt)
    assert child.wait().returncode == 3
    assert lines == ["ready", "saved"]


def test_a_second_interrupt_ends_at_once(tmp_path: Path, env: dict[str, str]) -> None:
    """However long the first one grants."""
    interrupt = Interrupt()
    code = STUBBORN.format(first="lambda *_: print('busy')")

    def on_line(line: str) -> None:
        del line
        threading.Thread(target=interrupt.ask).start()

    child = process.start(python(code), cwd=tmp_path, env=env, grace=(60, 60), on_line=on_line, interrupt=interrupt)
    assert child.wait().returncode == -signal.SIGKILL


def test_a_child_of_a_background_job_can_be_interrupted(tmp_path: Path, env: dict[str, str]) -> None:
    """A shell has SIGINT ignored by what it starts in the background; terraform must hear it all the same."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = process.start(["sleep", "600"], cwd=tmp_path, env=env, grace=(60, 60))
        child.stop()
    finally:
        signal.signal(signal.SIGINT, before)
    assert child.wait().returncode == -signal.SIGINT


def test_an_interrupt_of_before_counts(tmp_path: Path, env: dict[str, str]) -> None:
    """What is started after the wish is ended as well."""
    interrupt = Interrupt()
    interrupt.ask()
    child = process.start(["sleep", "600"], cwd=tmp_path, env=env, interrupt=interrupt)
    assert child.wait().returncode == -signal.SIGINT


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path, env: dict[str, str]) -> None:
    """KeyboardInterrupt while the first one's time runs: nothing is left running, and it goes on to the caller."""
    code = STUBBORN.format(first="signal.SIG_IGN")
    ready = threading.Event()
    child = process.start(python(code), cwd=tmp_path, env=env, grace=(60, 60), on_line=lambda _: ready.set())
    assert ready.wait(10)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        child.stop()
    assert not child.running


def test_error_of_the_reader_stops_the_child(tmp_path: Path, env: dict[str, str]) -> None:
    """What `on_line` raises stops the program and is raised where one waits; no further line is handed on."""
    seen: list[str] = []

    def full(line: str) -> None:
        seen.append(line)
        raise Unavailable("disk-full", "no space", next_step="Free some.")

    code = "import time\nfor n in range(3): print(n)\ntime.sleep(600)"
    with pytest.raises(Unavailable) as raised:
        process.run(python(code), cwd=tmp_path, env=env, on_line=full)
    assert raised.value.code == "disk-full"
    assert seen == ["0"]


def test_too_much_output(tmp_path: Path, env: dict[str, str]) -> None:
    """A flood of output, or one endless line, is an error and not all of the memory."""
    for code in ("while True: print('x' * 100)", "import sys\nwhile True: sys.stdout.write('x' * 100)"):
        with pytest.raises(ToolFailed) as stopped:
            process.start(python(code), cwd=tmp_path, env=env, most_output=10_000, grace=(5, 5)).wait()
        assert stopped.value.code == "tool-output-too-large"


def test_long_streams_that_are_not_kept(tmp_path: Path, env: dict[str, str]) -> None:
    """Lines that are only handed on may be more than the limit together."""
    count = 0

    def line(_: str) -> None:
        nonlocal count
        count += 1

    code = "for n in range(2000): print('x' * 100)"
    child = process.start(python(code), cwd=tmp_path, env=env, most_output=10_000, keep_output=False, on_line=line)
    assert child.wait().stdout == ""
    assert count == 2000


def test_children_outlive_the_thread_that_asked(tmp_path: Path, env: dict[str, str]) -> None:
    """A child started in a thread that ends goes on: the death signal follows the spawner thread, not the asker."""
    started: list[process.Child] = []
    os.mkfifo(tmp_path / "pipe")

    def ask() -> None:
        started.append(process.start(["cat", "pipe"], cwd=tmp_path, env=env))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    (tmp_path / "pipe").write_text("alive")
    assert started[0].wait() == process.Completed(0, "alive", "")


def test_children_die_with_gaia(tmp_path: Path, env: dict[str, str]) -> None:
    """When the parent is killed, its children are gone."""
    code = (
        "import pathlib, os\nfrom gaia.kit import process\n"
        "child = process.start(['sleep', '600'], cwd=pathlib.Path('/'), env=dict(os.environ))\n"
        "print(child.identity.pid, flush=True)\nchild.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=env, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert not gone(child)
        parent.kill()
    assert until_gone(child)


def test_a_child_that_may_finish_does(tmp_path: Path, env: dict[str, str]) -> None:
    """When the parent is killed, a program that is better finished than cut off goes on to its end."""
    os.mkfifo(tmp_path / "pipe")
    code = (
        "import pathlib, os\nfrom gaia.kit import process\n"
        "child = process.start(['cp', 'pipe', 'copy'], cwd=pathlib.Path.cwd(), env=dict(os.environ), may_finish=True)\n"
        "print(child.identity.pid, flush=True)\nchild.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=env, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()
    assert not gone(child)
    (tmp_path / "pipe").write_text("whole")
    assert until_gone(child)
    assert (tmp_path / "copy").read_text() == "whole"


def test_identity(tmp_path: Path, env: dict[str, str]) -> None:
    """An identity is alive exactly while that very process runs, and is not fooled by another start time or boot."""
    child = process.start(["sleep", "600"], cwd=tmp_path, env=env, grace=(5, 5))
    identity = child.identity
    assert identity.alive()
    assert not Identity(identity.pid, identity.started + 1, identity.boot).alive()
    assert not Identity(identity.pid, identity.started, "another-boot").alive()
    child.stop()
    assert not identity.alive()
    assert child.wait().returncode == -signal.SIGINT
    child.stop()  # a second stop is no error and signals nobody


def test_the_terminal_is_handed_over(tmp_path: Path) -> None:
    """The program writes to the same streams, in the given folder; its exit status, or its signal's, comes back."""
    code = (
        "import sys; from pathlib import Path; from gaia.kit import process\n"
        "run = lambda text: process.hand_over(['sh', '-c', text], cwd=Path(sys.argv[1]), env={'A': 'b'})\n"
        "print(run('pwd; echo $A >&2; exit 3'), run('kill -TERM $$'), flush=True)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(tmp_path), "3 143"]
    assert done.stderr == "b\n"
    with pytest.raises(Unavailable, match="no-such-program"):
        process.hand_over(["no-such-program"], cwd=tmp_path, env={})


def test_what_is_handed_over_may_say_it_to_us(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """In pieces as they come, the last one before the exit status; errors still go where ours go."""
    got: list[bytes] = []
    code = process.hand_over(
        ["sh", "-c", "printf one; printf two; echo bad >&2; exit 3"], cwd=tmp_path, env={}, write=got.append
    )
    assert (code, b"".join(got), capfd.readouterr()) == (3, b"onetwo", ("", "bad\n"))


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("written", [False, True])
def test_who_asks_us_for_an_end_asks_what_we_handed_over_to(tmp_path: Path, name: str, *, written: bool) -> None:
    """It may end well, and its exit status is ours; afterwards the signal does what it did before."""
    code = (
        "import os, signal, sys; from pathlib import Path; from gaia.kit import process\n"
        f"before = signal.getsignal(signal.{name})\n"
        f"program = 'trap \"echo ended; exit 5\" {name[3:]}; kill -{name[3:]} $PPID; while :; do read x; done'\n"
        f"write = (lambda piece: os.write(1, piece)) if {written} else None\n"
        "code = process.hand_over(['sh', '-c', program], cwd=Path(sys.argv[1]), env=dict(os.environ), write=write)\n"
        f"print(code, signal.getsignal(signal.{name}) == before, flush=True)"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = child.stdout.read()
    assert said.splitlines() == ["ended", "5 True"]


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    """As `nohup` wants it."""
    code = (
        "import os, signal, sys; from pathlib import Path; from gaia.kit import process\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "print(process.hand_over(['sh', '-c', 'kill -HUP $PPID; exit 4'], cwd=Path(sys.argv[1]), env=dict(os.environ)))"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == "4\n"


def test_what_is_shown_goes_where_this_process_prints(
    tmp_path: Path, env: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Both streams as they are, nothing is kept, and nothing can be read."""
    code = "import sys; print(repr(sys.stdin.read())); print('bad', file=sys.stderr); sys.exit(3)"
    done = process.start(python(code), cwd=tmp_path, env=env, shown=True).wait()
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")
    assert capfd.readouterr() == ("''\n", "bad\n")
