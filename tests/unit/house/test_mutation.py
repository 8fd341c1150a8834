"""`make mutation` changes what it should, repeats what a seed says, and knows a mutant that a test noticed."""

from __future__ import annotations

import ast
import random
import sys
from pathlib import Path

import pytest
from tests.mutation import survey
from tests.mutation.__main__ import stale_entries
from tests.mutation.bench import Bench
from tests.mutation.copied import ROOT, copy_tree
from tests.mutation.mutants import mutants, sample

SOURCE = '''
from __future__ import annotations

def allowed(age: int, words: list[str], *, strict: bool = True) -> bool:
    """Whether."""
    if age < 18 and strict:
        raise ValueError("too young for this", next_step="x-y")
    log.append(age)
    return any(word in KNOWN for word in words if word) or not strict
'''
WORDS = "(word in KNOWN for word in words if word)"


def texts(source: str = SOURCE) -> set[str]:
    """What would be changed in a source."""
    return {mutant.text for mutant in mutants(source)}


def changed(text: str, source: str = SOURCE) -> str:
    """The source with the change that is called so."""
    return next(mutant for mutant in mutants(source) if mutant.text == text).applied(source)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("allowed: `age < 18` becomes `age <= 18`", "    if age <= 18 and strict:"),
        ("allowed: `age < 18 and strict` with `or`", "    if age < 18 or strict:"),
        ("allowed: `age < 18 and strict` without `age < 18`", "    if strict:"),
        ("allowed: condition `age < 18 and strict` negated", "    if not (age < 18 and strict):"),
        ("allowed: `18` becomes `19`", "    if age < 19 and strict:"),
        ("allowed: `True` becomes `False`", None),
        ("allowed: no `log.append(age)`", "    pass"),
        ("allowed: no filter `if word`", "    return any((word in KNOWN for word in words)) or not strict"),
        (f"allowed: `any({WORDS})` becomes `all({WORDS})`", f"    return all({WORDS}) or not strict"),
        ("allowed: `not strict` becomes `strict`", None),
    ],
)
def test_what_decides_is_changed(text: str, line: str | None) -> None:
    """Comparisons, conditions, filters, numbers, calls: one at a time, and nothing else with it."""
    before, after = ast.unparse(ast.parse(SOURCE)).splitlines(), changed(text).splitlines()
    different = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(different) == 1
    assert line in (None, *different)


def test_what_only_a_reader_sees_is_left_alone() -> None:
    """Docstrings, annotations, messages and next steps, imports."""
    assert not [text for text in texts() if any(word in text for word in ("XXWhether", "XXtoo", "XXx-y", "`int`"))]
    assert not texts("from a import b\nif TYPE_CHECKING:\n    x = 1\nKind = Literal['a', 'b']\n__all__ = ['a']\n")


def test_a_seed_repeats_a_sample() -> None:
    """The same mutants, in the order of the file, each different from the original; no line is asked too often."""
    drawn = [sample(SOURCE, 8, random.Random(seed)) for seed in ("a", "a", "b")]  # noqa: S311 - to be repeated
    named = [[mutant.text for mutant in each] for each in drawn]
    assert named[0] == named[1] != named[2]
    lines = [mutant.line for mutant in drawn[0]]
    assert lines == sorted(lines)
    assert max(map(lines.count, lines)) <= 2
    assert all(mutant.applied(SOURCE) != ast.unparse(ast.parse(SOURCE)) for mutant in drawn[0])


def test_every_module_has_its_tests_and_every_equivalent_its_mutant() -> None:
    """Nothing in modules.toml is out of date, and each mutant that may stay unnoticed has a reason."""
    read = survey.read()
    assert [each.path for each in read.modules if not (ROOT / each.path).is_file()] == []
    assert [test for each in read.modules for test in each.tests if not (ROOT / test).exists()] == []
    assert stale_entries(read) == []
    assert [each.mutant for each in read.equivalents if len(each.reason.split()) < 4] == []


def test_a_stale_equivalent_is_said() -> None:
    """The code was changed, and the entry stayed."""
    entry = survey.Equivalent("kit/redact.py", "gone: `1` becomes `2`", "it did not matter at all")
    assert stale_entries(survey.Survey((), (entry,))) == ["kit/redact.py: gone: `1` becomes `2`"]


@pytest.mark.slow
def test_tests_that_hang_are_ended(tmp_path: Path) -> None:
    """After the time that they are given; the next ones run in the same process."""
    hangs, fails, passes = (tmp_path / f"test_{name}.py" for name in ("hangs", "fails", "passes"))
    hangs.write_text("import signal\n\ndef test_waits():\n    signal.pause()\n")
    fails.write_text("def test_fails():\n    assert 1 == 2\n")
    passes.write_text("def test_passes():\n    pass\n")
    with Bench(ROOT, Path(sys.executable)) as bench:
        assert bench.run([str(hangs)], "", 3.0).kind == "hung"
        failed = bench.run([str(fails)], "", 60.0)
        assert (failed.kind, "test_fails" in failed.by) == ("failed", True)
        assert bench.run([str(passes)], "", 60.0).kind == "passed"
        assert bench.run([str(passes)], "slow", 60.0).kind == "passed", "nothing to run is no failure"


@pytest.mark.slow
def test_mutants_are_judged_in_a_copy(tmp_path: Path) -> None:
    """What the tests notice is counted, what they do not is named, and the checkout stays as it is."""
    tree = tmp_path / "tree"
    python = copy_tree(tree)
    source = "def bigger(a: int, b: int) -> bool:\n    return a > b\n"
    (tree / "src/gaia/kit/bigger.py").write_text(source)
    test = tree / "tests/unit/kit/test_bigger.py"
    test.write_text("from gaia.kit.bigger import bigger\n\ndef test_it():\n    assert bigger(2, 1)\n")
    module = survey.Module("kit/bigger.py", ("tests/unit/kit/test_bigger.py",))
    with Bench(tree, python) as bench:
        outcome = bench.judge(module, [], random.Random(0), 9)  # noqa: S311 - to be repeated
    assert outcome.judged == 2, "at most two of one line"
    assert [line.partition("survived: ")[2] for line in outcome.survivors] in (
        [],
        ["src/gaia/kit/bigger.py:2: bigger: `a > b` becomes `a >= b`"],
    )
    assert (tree / "src/gaia/kit/bigger.py").read_text() == source
    assert not (ROOT / "src/gaia/kit/bigger.py").exists()
