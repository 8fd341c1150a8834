"""Runs `gaia ARGUMENTS` in this process and dies by SIGKILL at the point with a given number.

A point is where something has just become durable, or is about to: before and after each commit of a database (Gaia's
and the engine's), and after each file that is made, synced, renamed or removed. The points that were passed are written
to a file, a line each, so a run that is not killed says how many there are and what they are.

    python dying.py NUMBER FILE ARGUMENTS…      NUMBER 0: never
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from gaia.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.records.database import Transaction

_WRITES = ("fsync", "replace", "rename", "unlink")


class Points:
    """Counts, and dies at the one that was chosen."""

    def __init__(self, die_at: int, log: Path) -> None:
        self._die_at = die_at
        self._log = log.open("a")
        self._lock = threading.Lock()
        self._passed = 0

    def __call__(self, what: str) -> None:
        """Pass one."""
        with self._lock:
            self._passed += 1
            self._log.write(f"{self._passed} {what}\n")
            self._log.flush()
            if self._passed == self._die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Be told of every commit and every file."""
        for name in _WRITES:
            setattr(os, name, self._after(name, getattr(os, name)))
        os.open = self._after_making(os.open)
        event.listen(Engine, "commit", lambda connection: self(f"before commit {connection.engine.url.database}"))
        begin = Database.begin

        @contextmanager
        def told(database: Database, *, durable: bool = False) -> Iterator[Transaction]:
            with begin(database, durable=durable) as tx:
                yield tx
            self("after commit")

        Database.begin = told  # type: ignore[method-assign,assignment]

    def _after(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def watched(*arguments: Any, **options: Any) -> Any:
            result = call(*arguments, **options)
            self(f"{name} {arguments[0]}")
            return result

        return watched

    def _after_making(self, call: Callable[..., int]) -> Callable[..., int]:
        @wraps(call)
        def watched(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
            handle = call(path, flags, *arguments, **options)
            if flags & os.O_CREAT:
                self(f"make {path}")
            return handle

        return watched


if __name__ == "__main__":
    Points(int(sys.argv[1]), Path(sys.argv[2])).install()
    from gaia.cli.main import main

    sys.argv = ["gaia", *sys.argv[3:]]
    main()
