"""Five hundred strings that a shell, a template or a path would take for more than a name: none starts a program."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import Ground

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.cloud, pytest.mark.long(2)]

WATCHED = Path(__file__).with_name("watched_operator.py")
NUMBER = 500
OPENERS = (
    "$({})", "`{}`", "; {} ;", "&& {} &&", "| {} |", "\n{}\n", "'; {}; '", '"; {}; "', "${{{}}}", "$(({}))", "<({})",
    "> {}", "{{{{ exec `{}` }}}}", "!exec {}", "%{{{}}}", "${{file(\"{}\")}}", "../../../{}", "/{}", "~/{}", "-{}",
    "--{}", "-chdir={}", "@{}", "*{}", "[{}", "{}\x1b]0;x\x07", "\u202e{}", "{}\x7f", "{{{{ env `{}` }}}}",
    "!include {}", '.[] | "{}"', "env({})", "load(\"{}\")", "system({})", "a/../../{}", "{}\\..\\..", "file://{}", "git::ssh://{}",
    "ext::sh -c {}", "--upload-pack={}",
)  # fmt: skip
COMMANDS = ("touch CANARY", "CANARY", "touch$IFS$9CANARY", "sh -c 'touch CANARY'", 'python3 -c \'open("CANARY","w")\'')
WAYS = ("component", "stack", "components", "query", "path", "ref", "terraform", "workspace", "variable", "workdir")
PROGRAMS = frozenset(("terraform", "git"))
JUDGE = [sys.executable, "-I", "-m", "gaia.policy.regorus_child"]
"""Policies are judged in a process of Gaia's own, which may be killed."""


def strings(seed: int = 15) -> Iterator[tuple[str, str]]:
    """A way in, and a string for it."""
    chance = random.Random(seed)  # noqa: S311 - repeated on purpose
    for number in range(NUMBER):
        text = chance.choice(OPENERS).format(chance.choice(COMMANDS))
        yield WAYS[number % len(WAYS)], text + chance.choice(("", "", " ", "x", "\t"))


def line(way: str, text: str) -> list[str]:
    """A command with the string where somebody would type it."""
    return {
        "component": ["plan", text, "-s", "dev"],
        "stack": ["apply", "one", "-s", text, "--yes"],
        "components": ["plan", "-s", "dev", "--components", text],
        "query": ["plan", "-s", "dev", "--query", text],
        "path": ["plan", f"./{text}", "-s", "dev"],
        "ref": ["plan", "--affected", f"--ref={text}"],
        "terraform": ["terraform", "show", text, "-s", "dev"],
        "workspace": ["destroy", "--all", "-s", f"*{text}", "--yes"],
        "variable": ["terraform", "output", "one", "-s", text],
        "workdir": ["plan", "-s", "dev", "--chdir", text],
    }[way]


def written(root: Path, but: tuple[str, ...]) -> set[str]:
    """All files and folders below a folder, but for those in some."""
    return {
        f"{place}/{name}"
        for place, folders, names in os.walk(root)
        if not place.startswith(but)
        for name in (*folders, *names)
    }


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """A repository under git whose one instance is in no state yet."""
    made = Ground(tmp_path / "repository")
    made.environ |= {"HOME": str(tmp_path / "user"), "TMPDIR": str(tmp_path / "tmp")}
    for name in ("user", "tmp"):
        (tmp_path / name).mkdir()
    variable = 'variable "text" {\n  type    = any\n  default = ""\n}\n'
    made.code(variable + 'resource "terraform_data" "this" {\n  input = var.text\n}\n')
    head = "vars: {stage: dev}\nterraform: {backend_type: local}\n"
    made.write("stacks/dev.yaml", head + "components: {terraform: {one: {metadata: {component: note}}}}\n")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q", "."], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], cwd=made.root, check=True)
    return made


def watched(ground: Ground, lines: list[list[str]]) -> tuple[list[list[str]], set[str]]:
    """The programs that these commands start, and the files that Gaia writes, when they run in one process."""
    notes = ground.root.parent / "notes.jsonl"
    done = subprocess.run(
        [sys.executable, str(WATCHED), str(notes)], cwd=ground.root, env=ground.environ, input=json.dumps(lines),
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    entries = [json.loads(one) for one in notes.read_text().splitlines()]
    notes.unlink()
    assert sum(one[0] == "ran" for one in entries) == len(lines)
    return ([one[1] for one in entries if one[0] == "program"], {one[1] for one in entries if one[0] == "file"})


def check(ground: Ground, lines: list[list[str]]) -> set[str]:
    """Which programs are started: none but terraform and git; nothing is written but in the home, the cache and the
    checkout."""
    home = ground.root.parent
    own = tuple(str(home / name) for name in ("home", "cache", "repository", "tmp"))
    before = written(home, own) | {str(home / name) for name in ("home", "cache")}
    programs, files = watched(ground, lines)
    started = {Path(one[0]).name for one in programs if one != JUDGE}
    assert started <= PROGRAMS, [one for one in programs if Path(one[0]).name not in PROGRAMS]
    assert not [one for one in files if not one.startswith((*own, "/dev/null", "/proc/"))]
    assert written(home, own) == before
    assert not [one for one in written(home, ()) if one.endswith("CANARY")]
    return started


def test_five_hundred_strings_start_nothing(ground: Ground) -> None:
    """As a component, a stack, a pattern, a query, a path, a commit: refused, or nothing is found."""
    lines = [line(*one) for one in strings()]
    assert len(lines) == NUMBER
    check(ground, lines)


def test_names_in_the_manifests_start_nothing(ground: Ground) -> None:
    """Instances with such names, workspaces and values: each is planned as it is named, or is an error of its own."""
    texts = [text for _, text in strings(16) if not text.startswith("!") and "{{" not in text][:60]  # Atmos runs those
    names: dict[str, object] = {
        f"n{number}": {"metadata": {"component": "note"}, "vars": {"text": text}} for number, text in enumerate(texts)
    }
    names |= {text: {"metadata": {"component": "note", "terraform_workspace": text}} for text in texts}
    stack = {"vars": {"stage": "dev"}, "terraform": {"backend_type": "local"}, "components": {"terraform": names}}
    ground.write("stacks/dev.yaml", json.dumps(stack))
    started = check(ground, [["plan", "-s", "dev"], ["apply", "-s", "dev", "--components", "n1,n2,n3", "--yes"]])
    assert "terraform" in started
