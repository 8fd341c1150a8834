"""A running process: its output handed on line by line, its end, and how it is asked to end.

Made by `gaia.kit.process.start`, which knows how one is begun.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from gaia.errors import ToolFailed
from gaia.kit.procfs import Identity

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from io import BufferedReader

    from gaia.kit.interrupt import Interrupt

_STDERR_LINES = 20_000
_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes that the kernel counts memory in."""
_BLOCK = 256 * 1024
"""Bytes that are read at once, where as many are there: a line that comes alone is handed on alone."""


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
        on_error_line: Callable[[str], None] | None,
        timeout: float | None,
        keep_output: bool,
        grace: tuple[float, float],
        most_output: int,
        interrupt: Interrupt | None,
    ) -> None:
        self.identity = Identity.of(process.pid)
        self._process = process
        self._name = Path(str(process.args[0])).name  # type: ignore[index]
        self._redact = redact
        self._on_line = {"stdout": on_line, "stderr": on_error_line}
        self._timeout = timeout
        self._keep = keep_output
        self._grace = grace
        self._most = most_output
        self._interrupt = interrupt
        self._stopping = False
        self._texts: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._failures: list[BaseException] = []
        self._lock = threading.Lock()
        self._reaped = False
        self.peak_bytes: int | None = None
        """Once it has ended: the most memory that it or a process below it had at once, the one that had most.

        Never less than this process itself has: the child began as a copy of it.
        """
        self._ended = threading.Event()
        self._readers = [
            threading.Thread(target=self._read, args=(stream, name), daemon=True)
            for name, stream in (("stdout", process.stdout), ("stderr", process.stderr))
            if stream is not None
        ]
        for thread in (*self._readers, threading.Thread(target=self._reap, daemon=True)):
            thread.start()

    def _reap(self) -> None:
        """Wait for the end, end what is left of the group, then free the pid: until then nobody else can have it."""
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            signal_group(self._process.pid, signal.SIGKILL)
            _, status, used = os.wait4(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)
            self.peak_bytes = used.ru_maxrss * _UNIT
            self._reaped = True
        self._ended.set()

    def _read(self, stream: IO[bytes], name: str) -> None:
        """Take what has come up to the end of a line: redacting much at once takes half as long as line by line."""
        size, open_size = 0, 0
        held: list[bytes] = []
        pipe = cast("BufferedReader", stream)
        while piece := pipe.read1(_BLOCK):
            size += len(piece)
            end = piece.rfind(b"\n") + 1
            longest = open_size + (piece.find(b"\n") if end else len(piece))
            if longest > self._most or (size > self._most and self._keep and name == "stdout"):
                self._fail(_too_much(self._name, self._most))
                held.clear()  # go on reading, so that the child can end
                open_size = len(piece) - end
                continue
            if not end:
                held.append(piece)
                open_size += len(piece)
                continue
            self._take(name, b"".join((*held, piece[:end])))
            held, open_size = [piece[end:]], len(piece) - end
        if last := b"".join(held):
            self._take(name, last)

    def _take(self, name: str, block: bytes) -> None:
        """Whole lines; of the last one of all the end may be missing."""
        text = self._redact(block.decode("utf-8", "replace"))
        self._hold(name, text)
        on_line = self._on_line[name]
        if on_line is None:
            return
        for line in text.removesuffix("\n").split("\n"):
            if self._failures:
                return
            try:
                on_line(line)
            except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
                self._fail(error)

    def _hold(self, name: str, text: str) -> None:
        if self._failures or not (self._keep or name == "stderr"):
            return
        kept = self._texts[name]
        if name == "stdout":
            kept.append(text)
            return
        kept += text.splitlines(keepends=True)
        if len(kept) > _STDERR_LINES:
            del kept[: len(kept) - _STDERR_LINES // 2]

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
        """Ask the whole process group to end: SIGINT, SIGTERM, SIGKILL. Returns when it has ended.

        An exception that reaches the caller meanwhile, such as a second Ctrl-C, ends the group at once.
        """
        try:
            self._stop_in_turn()
        except BaseException:
            self._signal(signal.SIGKILL)
            self._ended.wait(10.0)
            raise

    def _stop_in_turn(self) -> None:
        with self._lock:
            first, self._stopping = not self._stopping, True
        if not first:  # a second SIGINT would be a second wish
            self._ended.wait(sum(self._grace) + 10.0)
            return
        for number, wait in ((signal.SIGINT, self._grace[0]), (signal.SIGTERM, self._grace[1])):
            if self._ended.is_set():
                return
            self._signal(number)
            if self._ended.wait(wait):
                return
        self._signal(signal.SIGKILL)
        self._ended.wait(10.0)

    def _interrupted(self, times: int) -> None:
        if times > 1:
            self._signal(signal.SIGKILL)
        else:
            threading.Thread(target=self.stop, daemon=True).start()

    def wait(self) -> Completed:
        """Wait for the end; re-raises what `on_line` raised (the group has been stopped by then).

        An interrupt that was given to `start` stops the group, and how it ended is returned.

        Raises:
            ToolFailed: `tool-timeout` when the time limit ran out, `tool-output-too-large`; the group has been stopped.
        """
        try:
            with self._interrupt.watched(self._interrupted) if self._interrupt else contextlib.nullcontext():
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


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the process group led by `pid`; one that has gone is no error."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
