"""A next step is data: below the doors nobody writes a command of `gaia`, and every act is one."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.checkout.words import FOLLOWED
from gaia.cli import menu
from gaia.cli.machine_output import plain
from gaia.cli.next_step import told
from gaia.errors import Conflict, Next

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cli.entry import Entry

SOURCE = Path(__file__).resolve().parents[3] / "src/gaia"
DOORS = ("cli",)


def commands(entries: tuple[Entry, ...], before: str = "") -> Iterator[str]:
    """Every command as it is typed, without `gaia`."""
    for entry in entries:
        if entry.entries:
            yield from commands(entry.entries, f"{before}{entry.name} ")
        else:
            yield before + entry.name


COMMANDS = frozenset(commands(menu.entries()))
TYPED = re.compile(rf"(?<!/)\bgaia ({'|'.join(sorted({name.split()[0] for name in COMMANDS}))})\b")
"""`/gaia …` is what people write into a comment of a pull request, not a command."""


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Every file below the doors."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).parts[0] not in DOORS:
            yield path, ast.parse(path.read_text())


def documentation(tree: ast.Module) -> set[int]:
    """The texts that are statements of their own: docstrings."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def test_no_room_below_the_doors_says_what_to_type() -> None:
    """A page or an editor would show a command that nobody there can type."""
    found = [
        f"{path.relative_to(SOURCE)}:{node.lineno}: {node.value}"
        for path, tree in trees()
        for docs in [documentation(tree)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in docs and TYPED.search(node.value)
    ]
    assert found == []


def test_every_act_of_a_next_step_is_a_command() -> None:
    """Else a door offers what there is not. What follows `terraform state` is terraform's own."""
    acts = {
        node.args[0].value: f"{path.name}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Next"
        if isinstance(node.args[0], ast.Constant)
    }
    assert len(acts) > 10
    own = {f"terraform state {second}" for second in FOLLOWED["state"]}
    assert {act: at for act, at in acts.items() if act not in {*COMMANDS, *own}} == {}


def test_a_next_step_is_words_that_a_door_makes_a_command_of() -> None:
    """Read as text it is the words alone; machines get what it is made of beside the command."""
    step = Next("why", "my photos", "Explain it", stack="acme-use1-dev", after="Or ask somebody.")
    assert f"{step}" == "Explain it. Or ask somebody."
    assert told(step) == "Explain it: gaia why 'my photos' -s acme-use1-dev. Or ask somebody."
    assert told("Ask again.") == "Ask again."
    assert told(Next("init", "DIR", "Make one")) == "Make one: gaia init DIR"
    error = plain(Conflict("taken", "it is taken", next_step=Next("status", "req_1", "Look")).as_json())
    assert error == {
        "error": "taken", "message": "it is taken", "next_step": "Look: gaia status req_1", "at": None, "facts": {},
        "next_act": {"act": "status", "subject": "req_1", "stack": "", "options": []},
    }  # fmt: skip
