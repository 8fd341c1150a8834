"""The only place that starts a process.

Argument lists, never a shell; an allow-listed environment; a process group of its own; output streamed and redacted;
a time limit; SIGINT, then SIGTERM, then SIGKILL; and death with the parent, unless it may finish. Linux sends PDEATHSIG
when the *thread* that forked ends, not the process, so every child is started from one thread that lives as long as
Gaia does.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gaia.errors import ToolFailed, Unavailable
from gaia.kit.files import write_failed
from gaia.kit.procfs import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PASSED_ON = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
"""Variables of the captured environment that every child sees; anything else is named by the caller."""
GRACE = (15.0, 5.0)
"""Seconds after SIGINT and after SIGTERM before the next, harder signal."""
MOST_OUTPUT = 256 * 1024 * 1024
"""Bytes; the plan of some ten thousand resources."""
_STDERR_LINES = 20_000


def child_environment(environ: Mapping[str, str], **extra: str) -> dict[str, str]:
    """The allow-listed part of `environ`, and `extra` over it."""
    return {name: environ[name] for name in PASSED_ON if name in environ} | extra


@dataclass(frozen=True, slots=True)
class Completed:
    """How a process ended. `returncode` is negative for a signal; the texts are redacted."""

    returncode: int
    stdout: str
    stderr: str


class Child:
    """A running process whose output lines are handed on as they come."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        *,
        redact: Callable[[str], str],
        on_line: Callable[[str], None] | None,
        timeout: float | None,
        keep_output: bool,
        grace: tuple[float, float],
        most_output: int,
    ) -> None:
        self.identity = Identity.of(process.pid)
        self._process = process
        self._name = Path(str(process.args[0])).name  # type: ignore[index]
        self._redact = redact
        self._on_line = on_line
        self._timeout = timeout
        self._keep = keep_output
        self._grace = grace
        self._most = most_output
        self._texts: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._failures: list[BaseException] = []
        self._lock = threading.Lock()
        self._reaped = False
        self._ended = threading.Event()
        self._readers = [
            threading.Thread(target=self._read, args=(stream, name), daemon=True)
            for name, stream in (("stdout", process.stdout), ("stderr", process.stderr))
        ]
        for thread in (*self._readers, threading.Thread(target=self._reap, daemon=True)):
            thread.start()

    def _reap(self) -> None:
        """Wait for the end, end what is left of the group, then free the pid: until then nobody else can have it."""
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            signal_group(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._reaped = True
        self._ended.set()

    def _read(self, stream: IO[bytes], name: str) -> None:
        size = 0
        while raw := stream.readline(self._most + 1):
            size += len(raw)
            if len(raw) > self._most or (size > self._most and self._keep and name == "stdout"):
                self._fail(_too_much(self._name, self._most))
                continue  # go on reading, so that the child can end
            text = self._redact(raw.decode("utf-8", "replace"))
            self._hold(name, text)
            if name == "stdout" and self._on_line and not self._failures:
                try:
                    self._on_line(text.rstrip("\n"))
                except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
                    self._fail(error)

    def _hold(self, name: str, text: str) -> None:
        if self._failures or not (self._keep or name == "stderr"):
            return
        kept = self._texts[name]
        kept.append(text)
        if name == "stderr" and len(kept) > _STDERR_LINES:
            del kept[: _STDERR_LINES // 2]

    def _fail(self, error: BaseException) -> None:
        if not self._failures:
            self._failures.append(error)
            threading.Thread(target=self.stop, daemon=True).start()

    def _signal(self, number: int) -> None:
        with self._lock:
            if not self._reaped:
                signal_group(self._process.pid, number)

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet."""
        return not self._ended.is_set()

    def stop(self) -> None:
        """Ask the whole process group to end: SIGINT, SIGTERM, SIGKILL. Returns when it has ended."""
        for number, wait in ((signal.SIGINT, self._grace[0]), (signal.SIGTERM, self._grace[1])):
            if self._ended.is_set():
                return
            self._signal(number)
            if self._ended.wait(wait):
                return
        self._signal(signal.SIGKILL)
        self._ended.wait(10.0)

    def wait(self) -> Completed:
        """Wait for the end; re-raises what `on_line` raised (the group has been stopped by then).

        Raises:
            ToolFailed: `tool-timeout` when the time limit ran out, `tool-output-too-large`; the group has been stopped.
        """
        try:
            ended = self._ended.wait(self._timeout)
        except BaseException:
            self.stop()
            raise
        if not ended:
            self.stop()
            raise ToolFailed(
                "tool-timeout",
                f"{self._name} did not end within {self._timeout:.0f} s and was stopped",
                next_step="Look at its log, then try again.",
            )
        for reader in self._readers:
            reader.join(10)
        if self._failures:
            raise self._failures[0]
        return Completed(self._process.returncode, "".join(self._texts["stdout"]), "".join(self._texts["stderr"]))


def _too_much(name: str, most: int) -> ToolFailed:
    return ToolFailed(
        "tool-output-too-large",
        f"{name} printed more than {most:,} bytes and was stopped",
        next_step="Split the work into smaller parts.",
    )


def start(
    arguments: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: bytes | None = None,
    timeout: float | None = None,
    redact: Callable[[str], str] = str,
    on_line: Callable[[str], None] | None = None,
    keep_output: bool = True,
    grace: tuple[float, float] = GRACE,
    most_output: int = MOST_OUTPUT,
    may_finish: bool = False,
) -> Child:
    """Start a program in a process group of its own that dies with this process.

    Args:
        arguments: the program and its arguments.
        cwd: the folder it runs in.
        env: its whole environment; see `child_environment`.
        stdin: what it reads; nothing by default.
        timeout: seconds until `Child.wait` stops it.
        redact: applied to each line of output before anything sees it.
        on_line: called with each line of stdout, without its newline, in order; what it raises stops the child.
        keep_output: whether stdout is also collected for `Completed`. Of stderr the last lines always are.
        grace: seconds after SIGINT and after SIGTERM before the next, harder signal.
        most_output: bytes that one line, and all collected output, may have.
        may_finish: for a short program that is better finished than cut off: when this process is killed, it goes on.
            Starting it costs a sixth, because it needs no fork of all of Gaia's memory.

    Raises:
        Unavailable: `tool-missing` when the program is not there or may not be run.
    """
    order = _Order([str(part) for part in arguments], cwd, dict(env), fed=stdin is not None, may_finish=may_finish)
    process = _spawner().submit(order)
    if stdin is not None and process.stdin:
        threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True).start()
    return Child(
        process,
        redact=redact,
        on_line=on_line,
        timeout=timeout,
        keep_output=keep_output,
        grace=grace,
        most_output=most_output,
    )


def run(
    arguments: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: bytes | None = None,
    timeout: float | None = 60.0,
    redact: Callable[[str], str] = str,
    on_line: Callable[[str], None] | None = None,
    may_finish: bool = False,
) -> Completed:
    """`start` and `wait`."""
    child = start(
        arguments,
        cwd=cwd,
        env=env,
        stdin=stdin,
        timeout=timeout,
        redact=redact,
        on_line=on_line,
        may_finish=may_finish,
    )
    return child.wait()


def start_detached(
    arguments: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], log: Path, keep_open: Sequence[int] = ()
) -> Identity:
    """Start a program that outlives this process, in a session of its own; what it prints is appended to `log`.

    `keep_open` are file descriptors that it inherits, for instance a socket that already listens.

    Raises:
        Unavailable: `tool-missing`; `file-not-writable` for the log.
    """
    try:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise write_failed(log, error) from error
    try:
        process = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            [str(part) for part in arguments],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=tuple(keep_open),
        )
    except (FileNotFoundError, PermissionError) as error:
        raise _missing(arguments[0], cwd, error) from error
    finally:
        os.close(output)
    _DETACHED.append(process)
    return Identity.of(process.pid)


def hand_over(arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Give the terminal to a program until it ends, and return its exit status (130 after Ctrl-C).

    It stays in this process's group, so that it may ask questions and hears of Ctrl-C by itself. To be called from the
    main thread: the child dies with the thread that started it.

    Raises:
        Unavailable: `tool-missing` when the program is not there or may not be run.
    """
    try:
        child = subprocess.Popen(arguments, cwd=cwd, env=dict(env), preexec_fn=_dies_with_parent())  # noqa: S603, PLW1509
    except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
        raise _missing(arguments[0], cwd, error) from error
    try:
        child.wait()
    except KeyboardInterrupt:
        child.wait()  # a second Ctrl-C ends this process, and the child with it
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the process group led by `pid`; one that has gone is no error."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _feed(stream: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), stream:
        stream.write(data)


@dataclass(frozen=True, slots=True)
class _Order:
    arguments: list[str]
    cwd: Path
    env: dict[str, str]
    fed: bool
    may_finish: bool


class _Spawner:
    """The long-lived thread that forks."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Future[subprocess.Popen[bytes]], _Order]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="gaia-spawner", daemon=True).start()

    def submit(self, order: _Order) -> subprocess.Popen[bytes]:
        future: Future[subprocess.Popen[bytes]] = Future()
        self._orders.put((future, order))
        return future.result()

    def _work(self) -> None:
        while True:
            future, order = self._orders.get()
            try:
                future.set_result(_fork(order))
            except BaseException as error:  # noqa: BLE001 - handed to the caller
                future.set_exception(error)


def _fork(order: _Order) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            order.arguments,
            cwd=order.cwd,
            env=order.env,
            stdin=subprocess.PIPE if order.fed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
            # Makes system calls and nothing else. With a function here Python forks, without one it uses vfork.
            preexec_fn=None if order.may_finish else _dies_with_parent(),  # noqa: PLW1509
        )
    except (FileNotFoundError, PermissionError) as error:
        raise _missing(order.arguments[0], order.cwd, error) from error


def _dies_with_parent() -> Callable[[], None]:
    prctl, parent = _LIBC.prctl if _LIBC is not None else None, os.getpid()

    def call() -> None:  # runs in the child between fork and exec
        if prctl is not None:
            prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:  # it died before the call, so no signal will come
                os._exit(127)

    return call


def _missing(program: str | Path, cwd: Path, error: OSError) -> Unavailable:
    return Unavailable(
        "tool-missing",
        f"cannot run {program} in {cwd}: {error.strerror}",
        next_step="Run `gaia doctor` to see what is missing and how to get it.",
    )


_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_LOCK = threading.Lock()
_DETACHED: list[subprocess.Popen[bytes]] = []
"""Kept, because a Popen that is collected while its process runs complains."""
_SPAWNERS: dict[int, _Spawner] = {}


def _spawner() -> _Spawner:
    with _LOCK:
        return _SPAWNERS.setdefault(os.getpid(), _SPAWNERS.get(os.getpid()) or _Spawner())
