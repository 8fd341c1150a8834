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

from gaia.errors import Next, Unavailable
from gaia.kit.child import Child, Completed, signal_group
from gaia.kit.conversation import Conversation
from gaia.kit.files import write_failed
from gaia.kit.procfs import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gaia.kit.interrupt import Interrupt

__all__ = [
    "Child",
    "Completed",
    "Conversation",
    "child_environment",
    "converse",
    "hand_over",
    "run",
    "signal_group",
    "start",
    "start_detached",
]

PASSED_ON = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "GOMAXPROCS",
)
"""Variables of the captured environment that every child sees; anything else is named by the caller."""
GRACE = (15.0, 5.0)
"""Seconds after SIGINT and after SIGTERM before the next, harder signal."""
MOST_OUTPUT = 256 * 1024 * 1024
"""Bytes; the plan of some ten thousand resources."""


def child_environment(environ: Mapping[str, str], **extra: str) -> dict[str, str]:
    """The allow-listed part of `environ`, and `extra` over it."""
    return {name: environ[name] for name in PASSED_ON if name in environ} | extra


def start(
    arguments: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: bytes | None = None,
    timeout: float | None = None,
    redact: Callable[[str], str] = str,
    on_line: Callable[[str], None] | None = None,
    on_error_line: Callable[[str], None] | None = None,
    keep_output: bool = True,
    grace: tuple[float, float] = GRACE,
    most_output: int = MOST_OUTPUT,
    may_finish: bool = False,
    shown: bool = False,
    interrupt: Interrupt | None = None,
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
        on_error_line: the same for stderr.
        keep_output: whether stdout is also collected for `Completed`. Of stderr the last lines always are.
        grace: seconds after SIGINT and after SIGTERM before the next, harder signal.
        most_output: bytes that one line, and all collected output, may have.
        may_finish: for a short program that is better finished than cut off: when this process is killed, it goes on.
            Starting it costs a sixth, because it needs no fork of all of Gaia's memory.
        shown: what it prints goes where this process prints, as it is: a terminal stays one. It can still ask nothing.
        interrupt: asked for while `Child.wait` waits, it stops the group; asked for again, it kills it.

    Raises:
        Unavailable: `tool-missing` when the program is not there or may not be run.
    """
    order = _Order(
        [str(part) for part in arguments], cwd, dict(env), fed=stdin is not None, may_finish=may_finish, shown=shown
    )
    process = _spawner().submit(order)
    if stdin is not None and process.stdin:
        threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True).start()
    return Child(
        process,
        redact=redact,
        on_line=on_line,
        on_error_line=on_error_line,
        timeout=timeout,
        keep_output=keep_output,
        grace=grace,
        most_output=most_output,
        interrupt=interrupt,
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


def converse(arguments: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str]) -> Conversation:
    """Start a program that is asked again and again. It dies with this process, and with the value that is returned.

    Raises:
        Unavailable: `tool-missing` when the program is not there or may not be run.
    """
    words = [str(part) for part in arguments]
    process = _spawner().submit(_Order(words, cwd, dict(env), fed=True, may_finish=False, shown=False))
    return Conversation(process, Path(words[0]).name)


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


def hand_over(
    arguments: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    write: Callable[[bytes], object] | None = None,
) -> int:
    """Give the terminal to a program until it ends, and return its exit status (130 after Ctrl-C).

    It stays in this process's group, so that it may ask questions and gets Ctrl-C by itself; an end that somebody else
    asks this process for (SIGTERM, SIGHUP) is passed on, and it may end well. To be called from the main thread: the
    child dies with the thread that started it. With `write` its output goes there, in pieces as they come.

    Raises:
        Unavailable: `tool-missing` when the program is not there or may not be run.
    """
    with _passed_on() as begun:
        try:
            child = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
                [str(part) for part in arguments],
                cwd=cwd,
                env=dict(env),
                stdout=subprocess.PIPE if write else None,
                preexec_fn=_prepare(),  # noqa: PLW1509
            )
        except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
            raise _missing(arguments[0], cwd, error) from error
        begun(child)
        try:
            _relay(child, write)
            child.wait()
        except KeyboardInterrupt:
            _relay(child, write)
            child.wait()  # a second Ctrl-C ends this process, and the child with it
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _relay(child: subprocess.Popen[bytes], write: Callable[[bytes], object] | None) -> None:
    while write is not None and child.stdout is not None and (piece := os.read(child.stdout.fileno(), 1 << 16)):
        write(piece)


@contextlib.contextmanager
def _passed_on() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """While the block runs, what asks this process for an end asks the child that the block names; what came before
    it was named does so then."""
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        if children:
            children[0].send_signal(number)
        else:
            early.append(number)

    def begun(child: subprocess.Popen[bytes]) -> None:
        children.append(child)
        for number in early:
            child.send_signal(number)

    if threading.current_thread() is not threading.main_thread():
        yield begun
        return
    before = {
        number: handler
        for number in (signal.SIGTERM, signal.SIGHUP)
        if (handler := signal.getsignal(number)) is not signal.SIG_IGN
    }
    for number in before:
        signal.signal(number, pass_on)
    try:
        yield begun
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
    shown: bool


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
            stdout=None if order.shown else subprocess.PIPE,
            stderr=None if order.shown else subprocess.PIPE,
            process_group=0,
            # Makes system calls and nothing else. With a function here Python forks, without one it uses vfork.
            preexec_fn=None if order.may_finish else _prepare(),  # noqa: PLW1509
        )
    except (FileNotFoundError, PermissionError) as error:
        raise _missing(order.arguments[0], order.cwd, error) from error


def _prepare() -> Callable[[], None]:
    """What the child does between fork and exec: it can be interrupted, and it dies with its parent."""
    prctl, parent = _LIBC.prctl if _LIBC is not None else None, os.getpid()

    def call() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell ignores it for what it starts in the background
        if prctl is not None:
            prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:  # it died before the call, so no signal will come
                os._exit(127)

    return call


def _missing(program: str | Path, cwd: Path, error: OSError) -> Unavailable:
    return Unavailable(
        "tool-missing",
        f"cannot run {program} in {cwd}: {error.strerror}",
        next_step=Next("doctor", words="See what is missing and how to get it"),
    )


_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_LOCK = threading.Lock()
_DETACHED: list[subprocess.Popen[bytes]] = []
"""Kept, because a Popen that is collected while its process runs complains."""
_SPAWNERS: dict[int, _Spawner] = {}


def _spawner() -> _Spawner:
    with _LOCK:
        return _SPAWNERS.setdefault(os.getpid(), _SPAWNERS.get(os.getpid()) or _Spawner())
