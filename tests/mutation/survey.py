"""Which modules are judged by which tests, and which mutants cannot be noticed: `modules.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("modules.toml")


@dataclass(frozen=True, slots=True)
class Module:
    """A module below `src/gaia`, and the test files and folders that judge it, the nearest first."""

    name: str
    tests: tuple[str, ...]

    @property
    def path(self) -> str:
        """From the root of the tree."""
        return f"src/gaia/{self.name}"


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant that does the same as the original, and why."""

    module: str
    mutant: str
    reason: str


@dataclass(frozen=True, slots=True)
class Survey:
    """The whole file."""

    modules: tuple[Module, ...]
    equivalents: tuple[Equivalent, ...]
    ends_processes: frozenset[str] = frozenset()
    """Names of modules whose mutants may end any process that they see."""

    def chosen(self, words: list[str]) -> tuple[Module, ...]:
        """The modules whose name holds one of the words; all of them without any."""
        return tuple(each for each in self.modules if not words or any(word in each.name for word in words))


def read(path: Path = FILE) -> Survey:
    """The file as it is committed."""
    content = tomllib.loads(path.read_text("utf-8"))
    modules = [
        Module(name, tuple(f"tests/unit/{test}" for test in tests))
        for room in content["judged"].values()
        for name, tests in room.items()
    ]
    equivalents = tuple(Equivalent(**each) for each in content.get("equivalent", []))
    return Survey(tuple(modules), equivalents, frozenset(content.get("ends_processes", [])))
