"""Parsed files are kept between processes, and never believed when they should not be."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE

from gaia.kit import yaml
from gaia.stacks.loading.cache import TRUSTED_AFTER
from gaia.stacks.loading.config import read_config
from gaia.stacks.loading.manifests import Manifest, Manifests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DEV = "orgs/dev.yaml"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str]], None]:
    """Writes files below `stacks/`."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "atmos.yaml").write_text(ATMOS)

    def make(files: Mapping[str, str]) -> None:
        for path, text in files.items():
            file = tmp_path / "stacks" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    return make


@pytest.fixture
def load(tmp_path: Path) -> Callable[[], Manifest]:
    """Loads `orgs/dev.yaml` as a process of its own would, and keeps what it parsed."""

    def once() -> Manifest:
        manifests = Manifests(read_config(tmp_path, {}), cache=tmp_path / "cache")
        manifest = manifests.manifest(DEV)
        manifests.save()
        return manifest

    return once


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The manifests that are really parsed from now on."""
    seen: list[str] = []

    def spied(name: str) -> None:
        real = getattr(yaml, name)

        def parse(content: bytes, file: str, *rest: object) -> object:
            if file != "atmos.yaml":
                seen.append(file)
            return real(content, file, *rest)

        monkeypatch.setattr(yaml, name, parse)

    spied("parse")
    spied("parse_values")
    return seen


def _age(path: Path) -> None:
    """Make a file look as if it was written long ago, as far as its own times go."""
    long_ago = time.time_ns() - 10 * TRUSTED_AFTER
    os.utime(path, ns=(long_ago, long_ago))


def test_a_file_is_parsed_once_for_all_processes(
    write: Callable[..., None], load: Callable[[], Manifest], parses: list[str]
) -> None:
    """The second one gets the same values; a position is still there, since the file is parsed for it then."""
    write({DEV: f"import: [a]\n{PLACE}", "a.yaml": "vars:\n  x: [1, {y: 0644}]\n  z: !env HOME\n"})
    first = load()
    assert sorted(parses) == ["stacks/a.yaml", "stacks/orgs/dev.yaml"]
    again = load()
    assert len(parses) == 2
    assert again.layer.value == first.layer.value
    layer = again.layer.at(("vars", "x", 1, "y"))
    assert layer is not None
    assert str(layer.position) == "stacks/a.yaml:2:11"
    assert parses[2:] == ["stacks/a.yaml"]


def test_a_change_is_seen(write: Callable[..., None], load: Callable[[], Manifest], tmp_path: Path) -> None:
    """Also one of the same length, made at once and with its times set back: then the content is compared."""
    write({DEV: f"{PLACE}import: [a]\n", "a.yaml": "settings: {x: 1}\n"})
    file = tmp_path / "stacks" / "a.yaml"
    _age(file)
    load()
    status = file.stat()
    file.write_text("settings: {x: 2}\n")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert load().layer.value == {**yaml.parse(PLACE.encode(), "f").value, "settings": {"x": 2}}  # type: ignore[dict-item]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_cache_is_not_used(
    write: Callable[..., None], load: Callable[[], Manifest], tmp_path: Path, damage: str, parses: list[str]
) -> None:
    """Whatever happened to the file: everything is parsed again, and kept again."""
    write({DEV: PLACE})
    wanted = load().layer.value
    (kept,) = (tmp_path / "cache").iterdir()
    content = kept.read_bytes()
    flipped = content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]
    kept.write_bytes({"cut": content[:-5], "flip": flipped, "empty": b"", "text": b"gaia"}[damage])
    assert load().layer.value == wanted
    assert len(parses) == 2
    load()
    assert len(parses) == 2


def test_what_cannot_be_kept_is_no_failure(
    write: Callable[..., None], load: Callable[[], Manifest], tmp_path: Path
) -> None:
    """A cache folder that cannot be made costs time only."""
    write({DEV: PLACE})
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert load().layer.value == load().layer.value


def test_included_content_is_read_each_time(write: Callable[..., None], load: Callable[[], Manifest]) -> None:
    """It can change without the manifest."""
    write({DEV: f"{PLACE}x: !include ./x.txt\n", "orgs/x.txt": "one"})
    assert load().layer.value["x"] == "one"  # type: ignore[index]
    write({"orgs/x.txt": "two"})
    assert load().layer.value["x"] == "two"  # type: ignore[index]


def test_the_cache_is_for_its_owner_only(
    write: Callable[..., None], load: Callable[[], Manifest], tmp_path: Path
) -> None:
    """Manifests may hold what not everybody should read."""
    write({DEV: PLACE})
    load()
    (kept,) = (tmp_path / "cache").iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_files_that_are_gone_are_forgotten(
    write: Callable[..., None], load: Callable[[], Manifest], tmp_path: Path
) -> None:
    """The kept file does not grow with the history of the repository."""
    write({DEV: f"{PLACE}import: [a]\n", "a.yaml": f"vars: {{x: {'a' * 5000}}}\n"})
    load()
    (kept,) = (tmp_path / "cache").iterdir()
    assert kept.stat().st_size > 5000
    (tmp_path / "stacks" / "a.yaml").unlink()
    write({DEV: PLACE})
    load()
    assert kept.stat().st_size < 5000


def test_what_was_derived_holds_for_the_same_files_only(
    write: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed, new or missing file voids it, and so does another of the other parts."""
    write({DEV: PLACE})
    later = time.time_ns() + 10 * TRUSTED_AFTER
    monkeypatch.setattr("gaia.stacks.loading.cache.time.time_ns", lambda: later)

    def fresh() -> Manifests:
        return Manifests(read_config(tmp_path, {}), cache=tmp_path / "cache")

    one = fresh()
    one.keep_derived("names", {"a": 1}, "pattern")
    one.save()
    assert fresh().derived("names", "pattern") == {"a": 1}
    assert fresh().derived("names", "template") is None
    write({"orgs/new.yaml": PLACE})
    assert fresh().derived("names", "pattern") is None
