"""The menu, the help and what is imported for it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.checkout.words import SUBCOMMANDS
from gaia.cli import lacking, menu
from gaia.cli.app import build
from gaia.cli.entry import function_of
from gaia.cli.main import spelled
from gaia.kit import clock
from gaia.kit.keys import make_key
from gaia.records import people
from gaia.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

    from gaia.cli.entry import Entry

HEAVY = ("rich", "sqlalchemy", "dbos", "copier", "networkx", "yaml", "typer")


def leaves(entries: tuple[Entry, ...] = menu.entries()) -> Iterator[Entry]:
    """Every command."""
    for entry in entries:
        if entry.entries:
            yield from leaves(entry.entries)
        else:
            yield entry


@pytest.mark.parametrize("entry", list(leaves()), ids=lambda entry: entry.target)
def test_the_menu_says_what_the_command_says(entry: Entry) -> None:
    """The line in the menu is the first line of the function's docstring."""
    assert (function_of(entry).__doc__ or "").splitlines()[0] == entry.help


@pytest.mark.parametrize("entry", list(leaves()), ids=lambda entry: entry.target)
def test_every_command_shows_an_example_that_can_be_parsed(entry: Entry) -> None:
    """Its last paragraph is a line that calls it, with options and arguments that it has."""
    line = (function_of(entry).__doc__ or "").strip().splitlines()[-1].strip()
    assert line.startswith("Example: ")
    found = re.search(r"gaia ([^)]*)", line)
    assert found, line
    words = spelled(shlex.split(found[1]))
    listed = menu.entries()
    while True:
        chosen = next(one for one in listed if one.name == words[0])
        words = words[1:]
        if not chosen.entries:
            break
        listed = chosen.entries
    assert chosen == entry
    build(entry).make_context(entry.name, words)


@pytest.mark.parametrize("module", ["gaia.cli.main", "gaia.cli.menu"])
def test_the_help_needs_nothing_heavy(module: str) -> None:
    """Importing what `gaia --help` needs imports neither typer nor anything heavier."""
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_parsing_a_command_line_imports_no_database_and_no_engine() -> None:
    """Building the whole command tree imports typer and nothing that a command itself may need."""
    code = (
        "import sys; from gaia.cli.app import root, build; from gaia.cli import menu; root()\n"
        "for entry in menu.entries(): build(entry)\n"
        f"print([name for name in {[name for name in HEAVY if name != 'typer']!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_command_that_looks_imports_no_room_that_only_runs_need(tmp_path: Path) -> None:
    """The platform opens, as for `gaia status`, without the rooms of stacks, terraform, policy and cost."""
    rooms = ("gaia.stacks.repository", "gaia.terraform", "gaia.policy", "gaia.cost", "dbos", "copier", "yaml")
    (tmp_path / "repository.json").write_text('{"id": "platform", "source": "/nowhere", "branch": "main"}')
    database, now = Database.open(tmp_path / "gaia.db", create=True), clock.now()
    with database.begin() as tx:
        people.add_person(tx, "ada", at=now)
        _, secret = people.create_token(tx, "ada", at=now, expires=now + timedelta(days=1))
    database.close()
    make_key(tmp_path / "keys")
    code = (
        "import sys; from pathlib import Path; from gaia.bootstrap import App; from gaia.settings import Settings\n"
        f"settings = Settings.capture({{'GAIA_HOME': {str(tmp_path)!r}, 'GAIA_TOKEN': {secret!r}}}, Path('/'))\n"
        "with App(settings).platform(): pass\n"
        f"print([name for name in {rooms!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_gaia_alone_shows_the_grouped_help(arguments: list[str]) -> None:
    """Without a command, the short help with every command in its section is shown, without colors in a pipe."""
    done = subprocess.run([sys.executable, "-m", "gaia", *arguments], capture_output=True, text=True, check=True)
    assert done.stdout == menu.help_text(bold=False)
    assert all(f"\n  {entry.name} " in done.stdout for entry in menu.entries())
    assert "\x1b" not in done.stdout


def test_the_help_fits_a_narrow_terminal() -> None:
    """No line is longer than 100 columns."""
    assert max(map(len, menu.help_text(bold=False).splitlines())) <= 105


def test_the_old_name_works_and_says_the_new_one() -> None:
    """`atmos-cli` is `gaia` with one line more on the error stream; nothing of it in what is completed."""
    program = [sys.executable, "-c", "from gaia.cli.main import atmos_cli; atmos_cli()"]
    done = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("gaia ")
    assert done.stderr.count("\n") == 1
    assert "gaia" in done.stderr
    environ = {"_GAIA_COMPLETE": "complete_bash", "COMP_WORDS": "gaia doct", "COMP_CWORD": "1"}
    done = subprocess.run(program, capture_output=True, text=True, check=False, env=environ)
    assert (done.stdout.split(), done.stderr) == (["doctor"], "")


@pytest.mark.parametrize("words", [("status",), ("terraform",), ("terraform", "plan"), ("help",)])
def test_help_of_a_command_is_what_its_option_shows(
    gaia: Gaia, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """`gaia help COMMAND …` and `gaia COMMAND … --help` print the same."""
    helped = gaia("help", *words)
    own = gaia(*words, "--help").out  # of a command that reads its own words; of others the library prints it
    assert (helped.code, helped.out) == (0, own or capsys.readouterr().out)


def test_help_alone_is_the_help_of_gaia(gaia: Gaia) -> None:
    """Also where an option keeps the quick way from being taken."""
    assert gaia("--output", "json", "help").out == menu.help_text(bold=False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("terrafrom",), "Did you mean 'terraform'?"),
        (("sandbox", "stauts"), "Did you mean 'status'?"),
        (("status", "photos"), "`gaia status` has no commands of its own"),
    ],
)
def test_help_of_nothing_names_the_nearest(gaia: Gaia, words: tuple[str, ...], said: str) -> None:
    """As the command line itself does."""
    answer = gaia("help", *words)
    assert (answer.code, said in answer.err) == (2, True), answer.err


def test_terraforms_subcommands_are_one_list() -> None:
    """What the menu shows of them is taken; what is refused by its name is not."""
    shown = next(entry.entries for entry in menu.entries() if entry.name == "terraform")
    assert {entry.name for entry in shown} <= SUBCOMMANDS
    refused = {second for first, _, second in (name.partition(" ") for name in lacking.LACKING) if first == "terraform"}
    assert len(refused) > 3
    assert refused.isdisjoint(SUBCOMMANDS)
