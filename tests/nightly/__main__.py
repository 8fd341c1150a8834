"""`make nightly`: everything that takes too long for CI, one unit after the other, and one table at the end.

Environment: SHARD=2/3 runs every third unit from the second one on; PARTS=points,kills runs these parts only; AGAIN=1
also runs what has passed on this commit.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from tests.arguments import only_help, words
from tests.nightly import figures
from tests.nightly.figures import ROOT
from tests.nightly.memory import Memory, Verdict, commit
from tests.nightly.parts import Unit, read, shard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LONGEST = 3 * 3600
"""Seconds that a unit may take; then it hangs."""
SHOWN = 60
"""Lines of the log of a unit that failed."""


ENDING = ((signal.SIGINT, 60.0), (signal.SIGTERM, 10.0))
"""How a unit is ended before it is killed, and the seconds that it has each time."""


def main(environ: Mapping[str, str], arguments: Sequence[str] = ()) -> int:
    """Run what is not known to have passed; 0 when every unit of this run has."""
    only_help(__doc__, arguments)
    every = read()
    parts = words(environ, "PARTS", tuple(dict.fromkeys(unit.part for unit in every)), whole=True)
    mine = shard(every, environ.get("SHARD", ""))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    at = commit()
    memory = Memory(ROOT / ".nightly" / at)
    units = tuple(unit for unit in mine if not parts or unit.part in parts)
    known = not (environ.get("AGAIN") or at.endswith("-changed"))
    say(f"nightly: {len(units)} units on {at}" + ("" if known else "; nothing that passed before counts"))
    verdicts: list[tuple[Unit, Verdict]] = []
    try:
        for unit in units:
            verdict = (memory.passed(unit) if known else None) or run(unit, memory)
            verdicts.append((unit, verdict))
            say(row(unit, verdict))
    except KeyboardInterrupt:
        say("stopped; what has passed is remembered")
    say("\n" + table(verdicts))
    write_figures(memory, at)
    return 0 if len(verdicts) == len(units) and all(verdict.passed for _, verdict in verdicts) else 1


def run(unit: Unit, memory: Memory) -> Verdict:
    """Run it in a process group of its own, output into its log, and remember how it ended."""
    say(f"{unit.part} {unit.of} ...")
    began = time.monotonic()
    environ = dict(os.environ) | unit.environ
    environ.pop("SHARD", None)
    shutil.rmtree(memory.figures(unit), ignore_errors=True)
    if unit.figures:
        environ["GAIA_FIGURES"] = str(memory.figures(unit))
    with memory.log(unit).open("w") as log:
        process = subprocess.Popen(
            unit.command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            status = process.wait(LONGEST)
        except (subprocess.TimeoutExpired, KeyboardInterrupt) as error:
            status = end(process)
            if isinstance(error, KeyboardInterrupt):
                raise
    verdict = Verdict(status == 0, round(time.monotonic() - began))
    memory.keep(unit, verdict)
    if not verdict.passed:
        say("\n".join(memory.log(unit).read_text("utf-8", "replace").splitlines()[-SHOWN:]))
    return verdict


def end(process: subprocess.Popen[bytes], ending: Iterable[tuple[signal.Signals, float]] = ENDING) -> int:
    """End the process group of a unit, gently first; its exit status.

    pytest takes its fixtures down at SIGINT alone, and with them the emulators, which have process groups of their own.
    """
    try:
        for number, seconds in ending:
            os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                return process.wait(seconds)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def row(unit: Unit, verdict: Verdict) -> str:
    """A unit's line of the table."""
    said = ("ok, earlier" if verdict.before else "ok") if verdict.passed else "FAILED"
    return f"{unit.part:12} {unit.of:32} {verdict.seconds:7} s  {said}"


def table(verdicts: Iterable[tuple[Unit, Verdict]]) -> str:
    """Each part with what it is, and its units."""
    lines: list[str] = []
    for unit, verdict in verdicts:
        head = f"{unit.part}: {unit.what}"
        if head not in lines:
            lines.append(head)
        lines.append(f"  {row(unit, verdict)}")
    return "\n".join(lines)


def write_figures(memory: Memory, at: str) -> None:
    """When every unit that counts has passed on this commit, its figures go to the page."""
    counting = [unit for unit in read() if unit.figures]
    if at.endswith("-changed") or not all(memory.passed(unit) for unit in counting):
        say("the figures of the kills stay as they are: not all kills have passed on this commit")
        return
    noted = chain.from_iterable(figures.noted(memory.figures(unit)) for unit in counting)
    figures.write(noted, f"On {datetime.now(UTC):%Y-%m-%d}, at every point, commit {at}:")
    say(f"the figures of the kills are in {figures.PAGE.relative_to(ROOT)}")


def say(text: str) -> None:
    """At once, for whoever watches."""
    print(text, flush=True)  # noqa: T201 - the report


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.argv[1:]))
