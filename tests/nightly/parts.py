"""The parts of `make nightly` and their units: `parts.toml`."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from tests.arguments import refuse

FILE = Path(__file__).with_name("parts.toml")


@dataclass(frozen=True, slots=True)
class Unit:
    """One command: what is run, remembered and shared out."""

    part: str
    what: str
    of: str
    command: tuple[str, ...]
    environ: dict[str, str] = field(default_factory=dict)
    figures: bool = False

    @property
    def file_name(self) -> str:
        """For its log and its verdict."""
        return f"{self.part}-{self.of}".replace("/", "_")


def read(path: Path = FILE) -> tuple[Unit, ...]:
    """Every unit, in the order of the file."""
    return tuple(
        Unit(
            part["name"],
            part["what"],
            of,
            tuple(word.replace("{python}", sys.executable).replace("{}", of) for word in part["command"]),
            {name: value.replace("{}", of) for name, value in part.get("environ", {}).items()},
            part.get("figures", False),
        )
        for part in tomllib.loads(path.read_text("utf-8"))["part"]
        for of in part["each"]
    )


def shard(units: tuple[Unit, ...], which: str) -> tuple[Unit, ...]:
    """`2/3`: every third unit from the second one on; all without."""
    number, _, count = (which or "1/1").partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        refuse(f"SHARD={which}: write it as 2/3")
    return units[int(number) - 1 :: int(count)]
