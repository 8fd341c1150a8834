"""Kills `gaia init`, or `gaia adopt`, by SIGKILL at each of its points, then again in what goes on.

It says how each home ended.

A point is a file or folder that was made, written, renamed, linked or removed, a commit of the database, and a git that
has just been started. Every attempt is a fork of this process, so what is imported is imported once.

    python killing.py FOLDER SEED init|adopt
"""

from __future__ import annotations

import json
import os
import random
import sys
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.loop.dying import Points

import gaia.adoption.register
import gaia.cli.commands.start
import gaia.records.migrations.upgrade  # noqa: F401 - what init imports, imported before the first fork
from gaia.cli.app import root
from gaia.kit import process
from gaia.kit.git import Git
from gaia.scaffold import blueprint

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = sys.argv[3] if len(sys.argv) > 3 else "init"
_MORE = ("mkdir", "link", "utime", "sendfile")


@dataclass(frozen=True)
class Ended:
    """How one home came to be."""

    home: str
    deaths: list[str]
    """The points at which an attempt died."""
    code: int
    """Of the last attempt."""
    said: str
    tokens: list[str]
    """Every one that was shown, in order."""


def attempt(place: Path, number: int) -> tuple[int | None, str, int]:
    """`gaia init platform`, or `adopt`, in a process of its own that dies at a point.

    Returns its code or None, the last point, and how many there were.
    """
    log = place / "points"
    log.write_text("")
    child = os.fork()
    if not child:
        _be(place, number, log)
    _, status = os.waitpid(child, 0)
    passed = log.read_text().splitlines()
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else None, passed[-1] if passed else "", len(passed)


def _be(place: Path, number: int, log: Path) -> None:
    os.chdir(place)
    os.environ["GAIA_HOME"] = str(place / "home")
    for handle, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND), handle)
    points = Points(number, log)
    points.install()
    for name in _MORE:
        setattr(os, name, points._after(name, getattr(os, name)))
    process.start = _told(points, process.start)
    only = ["--register-only"] if COMMAND == "adopt" else []  # reading what exists only reads, and writes at once
    sys.argv = ["gaia", COMMAND, "platform", *only, "--output", "json"]
    from gaia.cli.main import main

    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(int(str(end.code)))
    finally:
        os._exit(99)


def _told(points: Points, call: Callable[..., Any]) -> Callable[..., Any]:
    """A git that was just started dies with us, and leaves what it leaves."""

    @wraps(call)
    def watched(*arguments: Any, **options: Any) -> Any:
        child = call(*arguments, **options)
        points(f"start {arguments[0][1]}")
        return child

    return watched


def _prepare(folder: Path) -> None:
    """What the command finds: nothing, or the repository that it adopts."""
    folder.mkdir()
    if COMMAND == "adopt":
        adoptable(folder / "platform")


def adoptable(folder: Path) -> Path:
    """A git repository with one stack."""
    (folder / "stacks").mkdir(parents=True)
    names = 'stacks: {base_path: stacks, included_paths: ["*"], name_template: "{{ .vars.stage }}"}\n'
    (folder / "atmos.yaml").write_text(names + "components: {terraform: {base_path: components}}\n")
    (folder / "stacks/dev.yaml").write_text("vars: {stage: dev}\ncomponents: {terraform: {vpc: {}}}\n")
    git = Git(folder, os.environ)
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "first")):
        git(*words)
    return folder


def killed(folder: Path, numbers: list[int]) -> Ended:
    """Attempts that die at these points, then one that may live; less where one of them has finished."""
    _prepare(folder)
    deaths: list[str] = []
    for number in numbers:
        code, point, _ = attempt(folder, number)
        if code is not None:  # it came to its end before that point
            break
        deaths.append(point)
    code, _, _ = attempt(folder, 0)
    shown = _documents((folder / "out").read_text())
    said = (folder / "err").read_text()
    return Ended(str(folder / "home"), deaths, -1 if code is None else code, said, [one["token"] for one in shown])


def _documents(text: str) -> list[dict[str, str]]:
    found, decoder = [], json.JSONDecoder()
    while text.strip():
        one, end = decoder.raw_decode(text.lstrip())
        found.append(one)
        text = text.lstrip()[end:]
    return found


def small(folder: Path) -> Path:
    """A blueprint of three files: each write of it can be died after."""
    for name in ("atmos.yaml", "stacks/a.yaml", "stacks/b.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}\n")
    return folder


def everywhere(folder: Path, seed: int) -> None:
    """Write a line a home: one for each point, died at once there and, of every other, once more after it."""
    source, luck = small(folder / "small"), random.Random(seed)  # noqa: S311 - which points, not secrets
    blueprint.find_blueprint = lambda: source
    root()
    _prepare(folder / "whole")
    _, _, number = attempt(folder / "whole", 0)
    for point in range(1, number + 1):
        numbers = [point] if point % 2 else [point, luck.randint(1, number)]
        sys.stdout.write(json.dumps(asdict(killed(folder / str(point), numbers))) + "\n")
        sys.stdout.flush()  # before the next fork, which would write it too


if __name__ == "__main__":
    everywhere(Path(sys.argv[1]), int(sys.argv[2]))
