"""`python -m tests.conformance CORPUS [ID…]`: run a corpus (a folder or a .tar.xz) and print a table by class."""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.conformance.corpus import Case, read_cases, unpack
from tests.conformance.verdicts import PASS, Verdict, judge, table, verdict_of


def main() -> int:
    """Exit status 1 when a core or common case disagrees, or more than a tenth of the rare ones."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument(
        "corpus", type=Path, help="folder or .tar.xz with cases.json, fixtures and captured, or a .json.xz"
    )
    parser.add_argument("only", nargs="*", help="the ids of the cases to run, or how they begin")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    arguments = parser.parse_args()
    cases = read_cases(arguments.corpus)
    if arguments.only:
        cases = [case for case in cases if case.id.startswith(tuple(arguments.only))]
    with tempfile.TemporaryDirectory(prefix="conformance-") as scratch:
        root = unpack(arguments.corpus, Path(scratch).resolve())
        verdicts = run(cases, root, arguments.jobs)
    for one in verdicts:
        if one.outcome != PASS:
            print(f"{one.outcome}: {one.case}", *(f"    {reason}" for reason in one.reasons), sep="\n")  # noqa: T201
    print(table(verdicts))  # noqa: T201
    reasons = verdict_of(verdicts)
    print("\n".join(reasons) or "the corpus agrees")  # noqa: T201
    return 1 if reasons else 0


def run(cases: list[Case], root: Path, jobs: int) -> list[Verdict]:
    """All verdicts, in the order of the cases."""
    if jobs < 2:
        return [judge(case, root) for case in cases]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(partial(judge, root=root), cases, chunksize=8))


if __name__ == "__main__":
    sys.exit(main())
