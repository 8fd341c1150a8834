"""`make mutation`: change the deciding modules a little, many times, and see whether a test notices.

Environment: SEED repeats a run; N is how many mutants of each module (30); MODULES chooses modules by parts of their
names, separated by commas; JOBS is how many are judged at once (1). Fails when a module is below the mark, or when an
entry of the list of equivalents no longer names a mutant.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tests.arguments import number, only_help, words
from tests.mutation.bench import Bench, Outcome, apart
from tests.mutation.copied import ROOT, copy_tree
from tests.mutation.mutants import mutants
from tests.mutation.survey import Module, Survey, read

if TYPE_CHECKING:
    from collections.abc import Sequence

MARK = 90
"""Percent of its mutants that the tests of a module have to notice."""


def main(environ: dict[str, str], arguments: Sequence[str] = ()) -> int:
    """Judge, print, and say whether every module is over the mark."""
    only_help(__doc__, arguments)
    survey = read()
    modules = survey.chosen(words(environ, "MODULES", [module.name for module in survey.modules]))
    seed = number(environ, "SEED", random.SystemRandom().randrange(1, 10**6))
    many, jobs = number(environ, "N", 30), number(environ, "JOBS", 1)
    say(f"mutation: {len(modules)} modules, {many} mutants each, SEED={seed}")
    stale = stale_entries(survey)
    for entry in stale:
        say(f"stale: {entry} is in modules.toml and names no mutant")
    with tempfile.TemporaryDirectory(prefix="mutation-", ignore_cleanup_errors=True) as folder:
        outcomes = judge_all(modules, survey, Path(folder), seed, many, jobs)
    say(table(outcomes))
    low = [outcome.module.name for outcome in outcomes if outcome.percent < MARK or outcome.broken]
    if low:
        say(f"below {MARK} %: {', '.join(low)}")
    return 1 if low or stale or not modules else 0


def judge_all(
    modules: tuple[Module, ...], survey: Survey, folder: Path, seed: int, many: int, jobs: int
) -> list[Outcome]:
    """Each module on whichever bench is free; in the order of the file."""
    benches: SimpleQueue[Bench] = SimpleQueue()

    def one(module: Module) -> Outcome:
        if module.name in survey.ends_processes and not apart():
            return Outcome(
                module, broken="not judged: its mutants end processes, and `unshare --pid` does not work here"
            )
        bench, began = benches.get(), time.monotonic()
        try:
            outcome = bench.judge(module, survey.equivalents, random.Random(f"{seed} {module.name}"), many)  # noqa: S311
        finally:
            benches.put(bench)
        say(f"{row(outcome)}  ({time.monotonic() - began:.0f} s)")
        for line in outcome.survivors:
            say(f"    {line}")
        return outcome

    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
        for place in (folder / str(each) for each in range(jobs)):
            benches.put(stack.enter_context(Bench(place, copy_tree(place))))
        return list(pool.map(one, modules))


def row(outcome: Outcome) -> str:
    """A module's line of the table."""
    if outcome.broken:
        return f"{outcome.module.name:38} {outcome.broken}"
    return f"{outcome.module.name:38} {outcome.judged:7} {outcome.noticed:7} {outcome.percent:4.0f} %"


def table(outcomes: list[Outcome]) -> str:
    """All of them, and the sum."""
    judged, noticed = sum(each.judged for each in outcomes), sum(each.noticed for each in outcomes)
    head = f"\n{'module':38} {'mutants':>7} {'noticed':>7}"
    return "\n".join([head, *map(row, outcomes), f"{'all':38} {judged:7} {noticed:7}"])


def stale_entries(survey: Survey) -> list[str]:
    """Entries of the list of equivalents that name no mutant of their module."""
    return [
        f"{each.module}: {each.mutant}"
        for each in survey.equivalents
        if each.mutant not in {mutant.text for mutant in mutants((ROOT / "src/gaia" / each.module).read_text("utf-8"))}
    ]


def say(text: str) -> None:
    """At once, for whoever watches."""
    print(text, flush=True)  # noqa: T201 - the report


if __name__ == "__main__":
    sys.exit(main(dict(os.environ), sys.argv[1:]))
