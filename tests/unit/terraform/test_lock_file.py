"""`.terraform.lock.hcl` with the hashes of the packages that are used."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, Invalid
from gaia.terraform.lock_file import agreed, read, text_of, verify, with_real_hashes
from gaia.terraform.mirrors import Mirrored, platform_name

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.terraform.lock_file import Locked

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


AWS = f"{HOST}/hashicorp/aws"


def locked(tmp_path: Path, text: str) -> Path:
    """A component's lock file."""
    path = tmp_path / "components/vpc/.terraform.lock.hcl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def one(version: str = "5.0.0", *hashes: str, source: str = AWS) -> str:
    """The entry of a provider."""
    listed = "".join(f'    "{each}",\n' for each in hashes)
    return (
        f'provider "{source}" {{\n  version = "{version}"\n'
        + (f"  hashes = [\n{listed}  ]\n" if hashes else "")
        + "}\n"
    )


def test_a_lock_file_is_read_with_its_places(tmp_path: Path) -> None:
    """And is written again, without the hashes of what stands for others; one that is not there says nothing."""
    entries = read(locked(tmp_path, TEXT), tmp_path)
    assert [(each.source, each.version, each.hashes, str(each.at)) for each in entries] == [
        (AWS, "5.0.0", ("h1:empty", "zh:other"), "components/vpc/.terraform.lock.hcl:3:1"),
        (f"{HOST}/hashicorp/random", "3.0.0", ("h1:random",), "components/vpc/.terraform.lock.hcl:12:1"),
    ]
    assert text_of(entries, [AWS]) == one() + one("3.0.0", "h1:random", source=f"{HOST}/hashicorp/random")
    assert read(tmp_path / "nowhere", tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("provider {", "hcl-syntax"),
        (f'provider "{AWS}" {{\n}}\n', "lock-file-invalid"),
        ('provider {\n  version = "1.0.0"\n}\n', "lock-file-invalid"),
        (one("1.0.0", "abc"), "lock-file-invalid"),
        (f'provider "{AWS}" {{\n  version = "1.0.0"\n  hashes = []\n}}\n', "lock-file-invalid"),
        (f'provider "{AWS}" {{\n  version = "1.0.0"\n  hashes = [x]\n}}\n', "lock-file-invalid"),
        (one() + one(), "lock-file-invalid"),
    ],
)
def test_a_lock_file_that_terraform_does_not_read_is_refused(tmp_path: Path, text: str, code: str) -> None:
    """With its place; it is never taken for one that records nothing."""
    with pytest.raises(Invalid) as refused:
        read(locked(tmp_path, text), tmp_path)
    assert refused.value.code == code
    assert refused.value.at is not None
    assert refused.value.at.file == "components/vpc/.terraform.lock.hcl"


def test_lock_files_of_several_hold_together(tmp_path: Path) -> None:
    """The same version, and of the hashes those that all of them record; else nothing holds for all."""

    def entries(text: str) -> tuple[Locked, ...]:
        return read(locked(tmp_path, text), tmp_path)

    both = agreed((*entries(one("5.0.0", "h1:a", "h1:b")), *entries(one("5.0.0", "h1:b", "zh:c")), *entries(one())))
    assert both[AWS].hashes == ("h1:b",)
    for other in (one("5.0.1"), one("5.0.0", "h1:c")):
        with pytest.raises(Conflict) as differ:
            agreed(entries(other), both)
        assert differ.value.code == "lock-files-differ"


@pytest.mark.parametrize(
    ("hashes", "fine"),
    [
        ((REAL,), True),
        (("h1:another", REAL, "zh:x"), True),
        (("zh:x",), True),
        (("h2:x",), True),
        ((), True),
        (("h1:another",), False),
        (("h1:another", "zh:x"), False),
    ],
)
def test_a_package_is_compared_with_what_is_recorded(
    package: Path, tmp_path: Path, hashes: tuple[str, ...], fine: bool
) -> None:
    """One hash of its kind has to be its own, where there is one of its kind; as terraform does."""
    entries, cache = read(locked(tmp_path, one("5.0.0", *hashes)), tmp_path), tmp_path / "hashes.json"
    verify(entries, tmp_path / "data", cache)  # nothing is there
    place = tmp_path / "data/providers" / AWS / "5.0.0" / platform_name()
    place.parent.mkdir(parents=True)
    place.symlink_to(package)
    if fine:
        verify(entries, tmp_path / "data", cache)
        return
    with pytest.raises(Conflict) as differs:
        verify(entries, tmp_path / "data", cache)
    assert differs.value.code == "provider-differs"
    assert "components/vpc/.terraform.lock.hcl:1:1: the package of " in differs.value.message
    assert REAL in differs.value.message
