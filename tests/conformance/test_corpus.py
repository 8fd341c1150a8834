"""The stack engine against recorded answers of Atmos: make conformance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.conformance.corpus import Case, read_cases
from tests.conformance.verdicts import PASS, judge

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

HERE = Path(__file__).parent
OWN = (HERE / "atmos", HERE / "random.tar.xz", HERE / "micro.json.xz")
KNOWN = dict(line.split(" ", 1) for line in (HERE / "known.txt").read_text().splitlines() if line[:1] != "#")
"""Cases that differ, and why. A listed case that agrees fails the run."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a case."""
    if "case" in metafunc.fixturenames:
        sources = [*OWN, *(Path(one).resolve() for one in metafunc.config.getoption("--corpus"))]
        found = [(source, case) for source in sources for case in read_cases(source)]
        metafunc.parametrize(("source", "case"), found, ids=[case.id for _, case in found])


def test_case(
    source: Path, case: Case, unpacked: Callable[[Path], Path], record_property: Callable[[str, object], None]
) -> None:
    """Gaia answers what Atmos answered, or refuses what it refused."""
    verdict = judge(case, unpacked(source))
    record_property("corpus", str(source))
    record_property("class", case.importance)
    record_property("outcome", verdict.outcome)
    if case.id in KNOWN and source in OWN:
        assert verdict.outcome != PASS, "agrees by now: take it out of known.txt"
    else:
        assert verdict.outcome == PASS, "\n".join(verdict.reasons)


def test_what_is_known_not_to_agree_is_there() -> None:
    """No name on the list is stale."""
    assert {case.id for source in OWN for case in read_cases(source)} >= KNOWN.keys()
