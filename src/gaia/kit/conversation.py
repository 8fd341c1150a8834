"""A program that is kept and asked again and again: bytes go in, one line comes out for each question.

Made by `gaia.kit.process.converse`, which knows how one is begun.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
import weakref
from typing import IO

from gaia.errors import ToolFailed
from gaia.kit.child import signal_group

_PIECE = 1 << 20
_LAST = 5.0
"""Seconds that a program has to end in once it has closed its output."""
_COMPLAINT = 4000
"""Bytes of what it wrote to stderr last that are kept."""


class Conversation:
    """A running program. One question at a time; when one is not answered, the program is ended."""

    def __init__(self, process: subprocess.Popen[bytes], name: str) -> None:
        self._process, self._name = process, name
        self._complaint = b""
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
        # Also when this process ends well: a program that it started never outlives it.
        self._end = weakref.finalize(self, _ended, process)

    @property
    def running(self) -> bool:
        """Whether it can be asked."""
        return self._end.alive and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def ask(self, question: bytes, timeout: float) -> bytes:
        """The line that it answers, without its end.

        Raises:
            ToolFailed: `tool-timeout`; `tool-ended` with its `status` (negative for a signal) and what it wrote to
                `stderr`. Whatever is raised, the program has been ended.
        """
        try:
            return self._asked(memoryview(question), time.monotonic() + timeout, timeout)
        except BaseException:  # an answer that comes later would be taken for that of the next question
            self.end()
            raise

    def end(self) -> None:
        """End it and all that it started."""
        self._end()

    def _asked(self, left: memoryview, until: float, timeout: float) -> bytes:
        answer = bytearray()
        stdin, stdout, stderr = _streams(self._process)
        with selectors.DefaultSelector() as selector:
            selector.register(stdin, selectors.EVENT_WRITE)
            selector.register(stdout, selectors.EVENT_READ)
            selector.register(stderr, selectors.EVENT_READ)
            while True:
                rest = until - time.monotonic()
                if rest <= 0:
                    raise ToolFailed(
                        "tool-timeout",
                        f"{self._name} did not answer within {timeout:.0f} s and was stopped",
                        next_step="Look at its log, then try again.",
                    )
                for key, _ in selector.select(rest):
                    if key.fileobj is stdin:
                        left = self._fed(left)
                        if not left:
                            selector.unregister(stdin)
                    elif piece := os.read(key.fd, _PIECE):
                        if key.fileobj is stdout:
                            answer += piece
                        else:
                            self._complaint = (self._complaint + piece)[-_COMPLAINT:]
                    else:
                        selector.unregister(key.fileobj)
                        if key.fileobj is stdout:
                            raise self._gone()
                if answer.endswith(b"\n"):
                    return bytes(answer[:-1])

    def _fed(self, left: memoryview) -> memoryview:
        """What is still to be written; nothing where nobody reads it, which is told by the end of its output."""
        try:
            return left[os.write(_streams(self._process)[0].fileno(), left[:_PIECE]) :]
        except BlockingIOError:
            return left
        except BrokenPipeError:
            return left[:0]

    def _gone(self) -> ToolFailed:
        try:
            status = self._process.wait(_LAST)
        except subprocess.TimeoutExpired:  # it has only closed its output
            signal_group(self._process.pid, signal.SIGKILL)
            status = self._process.wait()
        with contextlib.suppress(BlockingIOError):
            self._complaint += os.read(_streams(self._process)[2].fileno(), _PIECE)
        return ToolFailed(
            "tool-ended",
            f"{self._name} ended while it was asked",
            next_step="Look at what it wrote, then try again.",
            facts={"status": status, "stderr": self._complaint[-_COMPLAINT:].decode("utf-8", "replace")},
        )


def _streams(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    assert process.stdin is not None  # noqa: S101 - it was started so
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    return process.stdin, process.stdout, process.stderr


def _ended(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
    for stream in _streams(process):
        with contextlib.suppress(OSError):
            stream.close()
