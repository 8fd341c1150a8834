"""`.terraform.lock.hcl` with the hashes of the packages that are used."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest

from gaia.terraform.lock_file import with_real_hashes
from gaia.terraform.mirrors import Mirrored

if TYPE_CHECKING:
    from pathlib import Path

HOST = "registry.terraform.io"
TEXT = f"""\
# This file is maintained automatically by "terraform init".

provider "{HOST}/hashicorp/aws" {{
  version     = "5.0.0"
  constraints = ">= 5.0.0"
  hashes = [
    "h1:empty",
    "zh:other",
  ]
}}

provider "{HOST}/hashicorp/random" {{
  version = "3.0.0"
  hashes = [
    "h1:random",
  ]
}}
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An unpacked provider of two files."""
    folder = tmp_path / "aws"
    (folder / "docs").mkdir(parents=True)
    (folder / "terraform-provider-aws").write_bytes(b"binary")
    (folder / "docs/LICENSE").write_bytes(b"license")
    return folder


def mirrored(folder: Path, version: str = "5.0.0") -> Mirrored:
    """It, in a mirror."""
    return Mirrored(HOST, "hashicorp", "aws", version, folder)


def h1(files: dict[str, bytes]) -> str:
    """What Go's `dirhash.Hash1` makes of files: the hash of the lines of `sha256sum`, sorted by name."""
    lines = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()


REAL = h1({"terraform-provider-aws": b"binary", "docs/LICENSE": b"license"})


def test_a_package_of_a_mirror_gets_its_real_hash(package: Path, tmp_path: Path) -> None:
    """As terraform computes it; what comes from elsewhere keeps what it has, and so does everything else."""
    made = with_real_hashes(TEXT, [mirrored(package)], tmp_path / "hashes.json")
    assert made == TEXT.replace('    "h1:empty",\n    "zh:other",\n', f'    "{REAL}",\n')


def test_a_provider_without_hashes_gets_some(package: Path, tmp_path: Path) -> None:
    """`init` from stand-ins may have written none."""
    text = f'provider "{HOST}/hashicorp/aws" {{\n  version = "5.0.0"\n}}\n'
    made = with_real_hashes(text, [mirrored(package)], tmp_path / "hashes.json")
    assert made == f'provider "{HOST}/hashicorp/aws" {{\n  version = "5.0.0"\n  hashes = [\n    "{REAL}",\n  ]\n}}\n'


def test_another_version_is_another_package(package: Path, tmp_path: Path) -> None:
    """Nothing is said of it."""
    assert with_real_hashes(TEXT, [mirrored(package, "5.0.1")], tmp_path / "hashes.json") == TEXT
    assert with_real_hashes("", [mirrored(package)], tmp_path / "hashes.json") == ""
    assert not (tmp_path / "hashes.json").exists()


def test_hashes_are_kept_while_the_files_are_the_same(package: Path, tmp_path: Path) -> None:
    """By size and time; a cache that is damaged is made anew."""
    cache = tmp_path / "hashes.json"
    with_real_hashes(TEXT, [mirrored(package)], cache)
    cache.write_text(cache.read_text().replace(REAL, "h1:kept"))
    assert "h1:kept" in with_real_hashes(TEXT, [mirrored(package)], cache)
    (package / "terraform-provider-aws").write_bytes(b"another binary")
    changed = h1({"terraform-provider-aws": b"another binary", "docs/LICENSE": b"license"})
    assert changed in with_real_hashes(TEXT, [mirrored(package)], cache)
    for damaged in ("{", "[]", '{"x": 1}'):
        cache.write_text(damaged)
        assert changed in with_real_hashes(TEXT, [mirrored(package)], cache)
