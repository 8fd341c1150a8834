"""What became of a case, and of all cases of a corpus."""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.conformance import compare, corpus, engine

from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

PASS, FAIL, UNSUPPORTED = OUTCOMES = ("pass", "fail", "not supported")
RARE_SHARE = 0.9
"""Of the rare cases this share must agree; of the others all."""
CODES: dict[str, tuple[str, ...]] = {
    "manifest-yaml": ("yaml-syntax", "yaml-key", "yaml-duplicate-key", "manifest-type"),
    "component-not-found": ("component-unknown", "stack-unknown"),
    "name-pattern-missing-var": ("name-pattern-missing-var", "stack-unknown"),
    "yaml-after-template": ("yaml-after-template", "yaml-syntax"),
}
"""Error classes of a corpus for which Gaia has other words, or several."""


@dataclass(frozen=True)
class Verdict:
    """What became of one case."""

    case: str
    importance: str
    outcome: str
    reasons: tuple[str, ...] = ()


def judge(case: corpus.Case, root: Path) -> Verdict:
    """Run one case of an unpacked corpus."""
    folder = root / "fixtures" / case.fixture
    if (now := engine.live(case, folder)) is not None:
        expected = {"exit_code": 1} if now.refused else {"exit_code": 0, "json": now.answer}
        case = replace(case, expected=expected)
    try:
        got = engine.run(case, folder)
    except GaiaError as error:
        return _refused(case, error)
    except Exception:  # noqa: BLE001  a crash is a finding about one case, not the end of the run
        lines = traceback.format_exc().strip().splitlines()
        return Verdict(case.id, case.importance, FAIL, ("crashed", *lines[-6:]))
    if case.refused:
        return Verdict(case.id, case.importance, FAIL, (f"answered, wanted {wanted(case)}",))
    found: list[str] = []
    recorded = corpus.answer(case, root)
    given = compare.normal(got, str(folder), case.fixture)
    if "json" in case.expected or "json_file" in case.expected:
        found += compare.differences(given, compare.normal(recorded, str(folder), case.fixture))
    paths = case.expected.get("paths", {})
    found += compare.path_differences(given, paths, case.expected.get("absent_paths", []))
    return Verdict(case.id, case.importance, FAIL if found else PASS, tuple(found[: compare.SHOWN]))


def _refused(case: corpus.Case, error: GaiaError) -> Verdict:
    said = f"{error.code} {error.at or ''}: {error.message}"
    kind = case.expected.get("error_class")
    if case.refused and (kind is None or error.code in CODES.get(kind, (kind,))):
        return Verdict(case.id, case.importance, PASS)
    outcome = UNSUPPORTED if error.code == "not-supported" else FAIL
    return Verdict(case.id, case.importance, outcome, (f"refused: {said}", f"wanted {wanted(case)}"))


def wanted(case: corpus.Case) -> str:
    """What the corpus says, in short."""
    if not case.refused:
        return "an answer"
    expected = case.expected
    return " ".join(str(expected[key]) for key in ("error_class", "error_text", "reason") if key in expected)[:200]


def table(verdicts: Iterable[Verdict]) -> str:
    """Passes by class, as text."""
    counts = Counter((one.importance, one.outcome) for one in verdicts)
    lines = [f"{'class':8}" + "".join(f"{outcome:>15}" for outcome in OUTCOMES)]
    lines += [f"{name:8}" + "".join(f"{counts[name, outcome]:15}" for outcome in OUTCOMES) for name in corpus.CLASSES]
    return "\n".join(lines)


def verdict_of(verdicts: Collection[Verdict]) -> list[str]:
    """Why the corpus as a whole does not agree; empty when it does."""
    reasons = []
    for name in corpus.CLASSES:
        here = [one for one in verdicts if one.importance == name]
        passed = sum(one.outcome == PASS for one in here)
        needed = RARE_SHARE * len(here) if name == "rare" else len(here)
        if passed < needed:
            reasons.append(f"{name}: {passed} of {len(here)} agree")
    return reasons
