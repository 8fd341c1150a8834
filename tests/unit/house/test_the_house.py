"""The page that says where things belong names what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/explanation/the-house.md").read_text()


def test_the_page_names_every_room_and_no_other() -> None:
    """The floors of the picture are the layers that `make lint` holds, from the top."""
    picture = PAGE[PAGE.index("```text") : PAGE.index("Imports go down only")].splitlines()[1:]
    rooms = [name for line in picture for name in line[14:56].split() if not line.startswith("`")]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    held = [name for layer in layers for name in re.findall(r"\w+", layer)]
    here = [name for name in held if (ROOT / f"src/gaia/{name}").exists() or (ROOT / f"src/gaia/{name}.py").exists()]
    assert set(rooms) == set(here) - {"__main__", "testing"}
    floors = [next(layer for layer in layers if name in re.findall(r"\w+", layer)) for name in rooms]
    assert floors == sorted(floors, key=layers.index)


def test_the_page_names_every_folder_of_the_platform() -> None:
    """From the top, as `make lint` holds them."""
    picture = PAGE[PAGE.index("Inside of `platform`") : PAGE.index("## Two ways")].split("```")[1].splitlines()[1:]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["gaia.platform"])
    assert [line.split()[0] for line in picture] == layers
    there = {each.parent.name for each in (ROOT / "src/gaia/platform").glob("*/__init__.py")}
    assert there == set(layers)


def test_every_place_is_there() -> None:
    """A newcomer who is sent somewhere finds it."""
    table = PAGE[PAGE.index("## Where does it belong?") : PAGE.index("## Words")]
    places = [name for name in re.findall(r"`([\w./-]+)`", table) if "/" in name]
    assert len(places) > 10
    missing = [name for name in places if not (ROOT / name).exists() and not (ROOT / "src/gaia" / name).exists()]
    assert missing == []


def test_every_file_that_the_page_names_is_there() -> None:
    """Those that stand without their room too: they are in the one that is named before them."""
    text, room, missing = PAGE[PAGE.index("## From a door") : PAGE.index("## Where does it belong?")], "", []
    for folder, name in re.findall(r"`(?:(\w+)/)?(\w+\.py)`", text):
        room = folder or room
        if not (ROOT / "src/gaia" / room / name).exists():
            missing.append(f"{room}/{name}")
    assert room
    assert missing == []
