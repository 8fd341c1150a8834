"""Runs tests again and again, each time in a fork of a process that has the big libraries ready.

Started with the interpreter of a copied tree, in that tree. Reads one JSON line an order (`Order`) and answers with one
(`Verdict`). None of Gaia's modules is imported here: each fork imports what is on the disk at that moment.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

LIBRARIES = ("hypothesis", "sqlalchemy", "sqlalchemy.dialects.sqlite", "alembic.command", "cryptography.fernet", "rich")
NO_TESTS = 5
"""pytest's exit status when it had nothing to run."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which tests to run, with which marker expression, and for how many seconds at most."""

    tests: list[str]
    marked: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a run of tests, in how many seconds, and the first line that says why."""

    kind: Literal["passed", "failed", "hung"]
    seconds: float
    by: str = ""


def judge(order: Order) -> Verdict:
    """Run the tests in a fork, in a process group of its own, which is killed when its time is up."""
    with tempfile.TemporaryDirectory(prefix="judged-", ignore_cleanup_errors=True) as folder:
        output, began = Path(folder) / "output", time.monotonic()
        child = os.fork()
        if child == 0:
            _become_pytest(order, output, Path(folder) / "tests")
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(child, child)
        ended = _ended(child, order.seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        seconds = time.monotonic() - began
        if not ended:
            return Verdict("hung", seconds)
        if os.waitstatus_to_exitcode(status) in (0, NO_TESTS):
            return Verdict("passed", seconds)
        return Verdict("failed", seconds, _first_failure(output.read_text("utf-8", "replace")))


def _ended(child: int, seconds: float) -> bool:
    handle = os.pidfd_open(child)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def _become_pytest(order: Order, output: Path, base: Path) -> None:
    os.setpgid(0, 0)
    handle = os.open(output, os.O_WRONLY | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in enumerate((nothing, handle, handle)):
        os.dup2(target, number)
    sys.stdout = sys.stderr = os.fdopen(handle, "w", buffering=1)
    options = ["-x", "-q", "-p", "no:randomly", "--tb=line", "--no-header", f"--basetemp={base}"]
    status = 1
    try:
        status = int(pytest.main([*options, "-m", order.marked, *order.tests]))
        sys.stdout.flush()
    finally:
        os._exit(status)  # no handler of the process that was forked


def _first_failure(text: str) -> str:
    lines = text.splitlines()
    return next((line for line in lines if line.startswith(("FAILED", "ERROR"))), lines[-1] if lines else "")


def main(lines: Sequence[str]) -> None:
    """Answer each line."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for line in lines:
        print(json.dumps(asdict(judge(Order(**json.loads(line))))), flush=True)  # noqa: T201 - the protocol


if __name__ == "__main__":
    main(sys.stdin)  # type: ignore[arg-type]
