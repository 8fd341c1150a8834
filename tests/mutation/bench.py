"""Judges the mutants of one module after the other in a copied tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

from tests.mutation.judging import Order, Verdict
from tests.mutation.mutants import sample

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

    from tests.mutation.mutants import Mutant
    from tests.mutation.survey import Equivalent, Module

FIRST = 600.0
"""Seconds for the tests of a module without a mutant."""
SLOWER = 4.0
LEAST = 20.0
"""A mutant whose tests take so many times as long, and so many seconds, hangs; which is noticed."""
_OURS = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A module, how many of its mutants were judged, and a line for each that nothing noticed."""

    module: Module
    judged: int = 0
    survivors: tuple[str, ...] = ()
    broken: str = ""

    @property
    def noticed(self) -> int:
        """How many a test failed for."""
        return self.judged - len(self.survivors)

    @property
    def percent(self) -> float:
        """Of those that were judged."""
        return 100 * self.noticed / self.judged if self.judged else 100.0


@cache
def apart() -> tuple[str, ...]:
    """The command that runs another in a process namespace of its own; empty where this machine cannot do that."""
    for rights in ((), ("--user", "--map-root-user")):
        command = ("unshare", *rights, "--pid", "--fork", "--mount-proc", "--kill-child")
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
        ):
            return command
    return ()


class Bench:
    """A copied tree, and the process in it that runs tests."""

    def __init__(self, tree: Path, python: Path) -> None:
        self._tree = tree
        environ = {name: value for name, value in os.environ.items() if name not in _OURS}
        self._worker = subprocess.Popen(
            [*apart(), python, "-m", "tests.mutation.judging"],
            cwd=tree, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the process; it ends when it has nothing more to read."""
        self._worker.communicate()

    def judge(self, module: Module, equivalents: Sequence[Equivalent], chance: random.Random, most: int) -> Outcome:
        """Change the module in a sample of ways; the tests marked slow meet only what the others let pass."""
        path = self._tree / module.path
        source, times = path.read_text("utf-8"), path.stat()
        known = {each.mutant for each in equivalents if each.module == module.name}
        chosen = [mutant for mutant in sample(source, most, chance) if mutant.text not in known]
        first = self.run(module.tests, "", FIRST)
        if first.kind != "passed":
            return Outcome(module, broken=f"its tests fail without any mutant: {first.kind} {first.by}")
        limit = max(LEAST, SLOWER * first.seconds)
        survivors = []
        for number, mutant in enumerate(chosen, 1):
            path.write_text(mutant.applied(source))
            # A second of its own: what was compiled of another one with the same size is not taken for this one.
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns + number * 10**9))
            try:
                if not self._noticed(module, limit):
                    survivors.append(_line(module, mutant))
            finally:
                path.write_text(source)
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        return Outcome(module, len(chosen), tuple(survivors))

    def _noticed(self, module: Module, limit: float) -> bool:
        return any(self.run(module.tests, marked, limit).kind != "passed" for marked in ("not slow", "slow"))

    def run(self, tests: Sequence[str], marked: str, seconds: float) -> Verdict:
        """Run tests on the tree as it lies, those that a marker expression chooses, and end them after so long."""
        to, back = self._worker.stdin, self._worker.stdout
        if to is None or back is None:
            msg = "the process that judges has no pipes"
            raise RuntimeError(msg)
        to.write(json.dumps(asdict(Order(list(tests), marked, seconds))) + "\n")
        to.flush()
        return Verdict(**json.loads(back.readline()))


def _line(module: Module, mutant: Mutant) -> str:
    return f"survived: {module.path}:{mutant.line}: {mutant.text}"
