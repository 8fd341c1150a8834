"""What is too long for CI is all in `make nightly`, which forgets nothing that passed, and writes its own figures."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from tests.mutation import __main__ as mutation
from tests.mutation import survey
from tests.nightly import __main__ as nightly
from tests.nightly import figures
from tests.nightly.__main__ import run, table
from tests.nightly.figures import BEGIN, COLUMNS, END, NOTHING, PAGE, ROOT, Figures
from tests.nightly.memory import Memory, Verdict, commit
from tests.nightly.parts import FILE, Unit, read, shard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def units(part: str) -> set[str]:
    """What the units of a part are of."""
    return {unit.of for unit in read() if unit.part == part}


def unit(code: str = "pass", *, counts: bool = False) -> Unit:
    """One that runs a little Python."""
    return Unit("kills", "a part", "one/two", (sys.executable, "-c", code), figures=counts)


def test_no_test_of_chaos_is_left_out() -> None:
    """Each file with tests marked chaos is a unit, or has a part of its own."""
    marked = {
        path.relative_to(ROOT / "tests/integration").as_posix()
        for path in (ROOT / "tests/integration").rglob("test_*.py")
        if re.search(
            r"mark\.chaos|^@(some|many)$", path.read_text("utf-8"), re.MULTILINE
        )  # `some` of loop/points.py is both
    }
    apart = {
        "loop/test_every_point.py",
        "checkout/test_coming_up.py",
        "checkout/test_killed_set.py",
        "deploy/test_image.py",
        "platform/test_chaos.py",
    }
    assert marked == units("kills") | apart


def test_nothing_that_ci_leaves_to_the_night_is_left_out() -> None:
    """Each file with tests marked nightly is a unit."""
    marked = {
        path.relative_to(ROOT / "tests/integration").as_posix()
        for path in (ROOT / "tests/integration").rglob("test_*.py")
        if "mark.nightly" in path.read_text("utf-8")
    }
    assert marked == units("long")


def test_no_property_is_left_out() -> None:
    """Each folder of unit tests with properties is a unit."""
    folder = ROOT / "tests/unit"
    rooms = {
        path.relative_to(folder).parts[0]
        for path in folder.rglob("test_*.py")
        if re.search(r"^from hypothesis import", path.read_text("utf-8"), re.MULTILINE)
    }
    assert rooms == units("properties")


def test_no_module_that_decides_is_left_out() -> None:
    """Each of the mutator's modules is in exactly one unit."""
    for module in survey.read().modules:
        assert sum(of in module.name for of in units("mutation")) == 1, module.name


def test_ci_runs_a_slice_of_every_part() -> None:
    """And parts.toml says which target does."""
    parts = tomllib.loads(FILE.read_text("utf-8"))["part"]
    ci = (ROOT / ".ci/run").read_text("utf-8")
    for part in parts:
        target, colon, what = part["slice"].partition(": ")
        assert colon, part["name"]
        assert what, part["name"]
        assert re.search(rf"begin {re.escape(target)}$", ci, re.MULTILINE), part["name"]


def test_every_unit_is_in_one_shard() -> None:
    """However many machines share them; files of units do not collide."""
    every = read()
    assert len({each.file_name for each in every}) == len(every)
    for count in (1, 2, 3, 7):
        shared = [each for number in range(1, count + 1) for each in shard(every, f"{number}/{count}")]
        assert sorted(each.file_name for each in shared) == sorted(each.file_name for each in every)


@pytest.mark.parametrize("which", ["0/3", "4/3", "two", "1", "1/x"])
def test_a_shard_that_does_not_exist_is_refused(which: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is left out in silence."""
    with pytest.raises(SystemExit, match="2"):
        shard(read(), which)
    assert capsys.readouterr().err == f"SHARD={which}: write it as 2/3\n"


@pytest.mark.parametrize("main", [nightly.main, mutation.main])
def test_help_explains_and_starts_nothing(main: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """What it does, and the variables that it takes; any other argument is refused."""
    with pytest.raises(SystemExit, match="0"):
        main({}, ["--help"])
    assert "Environment: S" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main({}, ["points"])
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "points: no arguments are taken; --help says which variables are\n")


@pytest.mark.parametrize(
    ("main", "name", "given", "said"),
    [
        (nightly.main, "PARTS", "nosuch", "nothing is called that; there is points, kills, "),
        (nightly.main, "PARTS", "point", "nothing is called that"),
        (mutation.main, "MODULES", "kitt/", "nothing is called that; there is "),
        (mutation.main, "N", "x", "write it as a number, 1 or more"),
        (mutation.main, "N", "0", "write it as a number, 1 or more"),
        (mutation.main, "JOBS", "-1", "write it as a number, 1 or more"),
        (mutation.main, "SEED", "1.5", "write it as a number, 1 or more"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    main: Callable[..., int], name: str, given: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is run; a run of nothing would look like one in which all was well."""
    with pytest.raises(SystemExit, match="2"):
        main({name: given})
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"{name}={given}: {said}")


@pytest.mark.parametrize(
    ("deaf", "patience", "status"),
    [((), (30.0, 30.0), 7), (("SIGINT",), (0.2, 30.0), -15), (("SIGINT", "SIGTERM"), (0.2, 0.2), -9)],
)
def test_a_unit_is_ended_gently(deaf: tuple[str, ...], patience: tuple[float, float], status: int) -> None:
    """SIGINT comes first, for pytest to take its fixtures down; who does not listen is killed, and its whole group."""
    code = "import signal, subprocess, sys\n"
    code += "signal.signal(signal.SIGINT, lambda *_: sys.exit(7))\n"
    code += "".join(f"signal.signal(signal.{name}, signal.SIG_IGN)\n" for name in deaf)
    code += "child = subprocess.Popen(['sleep', '60'])\nprint(child.pid, flush=True)\nwhile True: signal.pause()\n"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline()
        assert nightly.end(process, zip((signal.SIGINT, signal.SIGTERM), patience, strict=True)) == status
        assert process.stdout.read() == b"", "the pipe ends with the last process of the group"


def test_what_passed_is_remembered_and_what_failed_is_tried_again(tmp_path: Path) -> None:
    """By commit; its output is in a log of its own."""
    memory = Memory(tmp_path / "a")
    assert memory.passed(unit()) is None
    assert run(unit("print('seen')"), memory).passed
    assert memory.log(unit()).read_text() == "seen\n"
    assert memory.passed(unit()) == Verdict(passed=True, seconds=0, before=True)
    assert Memory(tmp_path / "b").passed(unit()) is None
    assert not run(unit("raise SystemExit(3)"), memory).passed
    assert memory.passed(unit()) is None


def test_the_tests_of_a_unit_are_told_where_their_figures_go(tmp_path: Path) -> None:
    """Only of a unit that counts; those of an earlier try are gone."""
    memory = Memory(tmp_path)
    memory.figures(unit()).mkdir(parents=True)
    code = "import os; print(os.environ.get('GAIA_FIGURES'))"
    run(unit(code, counts=True), memory)
    assert memory.log(unit()).read_text().strip() == str(memory.figures(unit()))
    assert not memory.figures(unit()).exists()
    run(unit(code), memory)
    assert memory.log(unit()).read_text().strip() == "None"


def test_only_what_is_committed_is_remembered(tmp_path: Path) -> None:
    """A file that differs from the commit makes it another tree; the page that the run writes does not."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=tmp_path, check=True)

    page = tmp_path / PAGE.relative_to(ROOT)
    page.parent.mkdir(parents=True)
    page.write_text("old")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    clean = commit(tmp_path)
    page.write_text("new")
    assert commit(tmp_path) == clean
    (tmp_path / "code.py").write_text("")
    assert commit(tmp_path) == f"{clean}-changed"


def test_the_table_shows_each_part_once() -> None:
    """With its units, their seconds, and how they ended."""
    ended = [
        Verdict(passed=True, seconds=3),
        Verdict(passed=True, seconds=4, before=True),
        Verdict(passed=False, seconds=5),
    ]
    lines = table([(unit(), each) for each in ended]).splitlines()
    assert lines[0] == "kills: a part"
    assert [line.split()[2:] for line in lines[1:]] == [
        ["3", "s", "ok"],
        ["4", "s", "ok,", "earlier"],
        ["5", "s", "FAILED"],
    ]


def test_figures_of_one_kind_are_added_up() -> None:
    """Points are those of one run; seeds are listed once, a row of them by its ends."""
    one = Figures("a", points=9, kills=2, began_anew=1, resumed=1, seconds=1.4, seeds=["2"])
    two = Figures("a", points=9, kills=3, had_ended=2, parked=1, seconds=1.4, seeds=["1", "3"])
    others = [Figures("b", kills=1), Figures("c", points=9, kills=9), Figures("d", seeds=["7", "9"])]
    rows = figures.table(figures.summed([one, two, *others])).splitlines()[2:]
    assert rows == [
        "| a | 9 | 5 | 1 | 1 | 2 | 1 | 3 | 1 to 3 |",
        "| b | by time | 1 | 0 | 0 | 0 | 0 | 0 | chosen points |",
        "| c | 9 | 9 | 0 | 0 | 0 | 0 | 0 | every point |",
        "| d | by time | 0 | 0 | 0 | 0 | 0 | 0 | 7, 9 |",
    ]


def test_figures_are_written_between_the_marks_only() -> None:
    """The rest of the page stays; a page without marks is refused."""
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert figures.written(page, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(SystemExit, match="lost its marks"):
        figures.written("no marks", "new")


def test_the_page_holds_what_a_run_has_written() -> None:
    """Either nothing yet, or a sentence on the run and its table, each row of numbers."""
    content = figures.between(PAGE.read_text("utf-8"))
    if content == NOTHING:
        return
    when, _, written = content.partition("\n\n")
    assert re.fullmatch(r"On \d{4}-\d\d-\d\d, (by `make chaos`|at every point, commit [0-9a-f]{12}):", when)
    head, _, *rows = written.splitlines()
    assert head == f"| {' | '.join(COLUMNS)} |"
    assert rows
    for line in rows:
        cells = line.strip("| ").split(" | ")
        assert len(cells) == len(COLUMNS), line
        assert all(cell.isdecimal() for cell in cells[2:8]), line
