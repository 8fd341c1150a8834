"""The image: its root is used as the user that it names, and its layout is one that registries take."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RequireTool

IMAGE = ROOT / "deploy" / "image"


def packed(root: Path, folder: Path) -> str:
    """The digest of the image of a root."""
    done = subprocess.run(
        [sys.executable, IMAGE / "layout.py", root, folder, "1.0"],
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def blob(folder: Path, named: dict[str, Any]) -> bytes:
    """What a descriptor names, once it was found to be that."""
    content: bytes = (folder / "blobs" / "sha256" / named["digest"].removeprefix("sha256:")).read_bytes()
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (
        named["digest"].removeprefix("sha256:"),
        named["size"],
    )
    return content


@pytest.mark.cloud
def test_a_layout_holds_the_root_and_the_same_root_has_the_same_digest(tmp_path: Path) -> None:
    """Names, contents, rights and links are kept; whoever packs it, and when, changes nothing."""
    root = tmp_path / "root"
    (root / "srv").mkdir(parents=True)
    (root / "srv" / "program").write_text("#!/bin/sh\n")
    (root / "srv" / "program").chmod(0o755)
    (root / "srv" / "link").symlink_to("/srv/program")
    (root / "srv" / "same").hardlink_to(root / "srv" / "program")
    os.mkfifo(root / "srv" / "pipe")
    first = packed(root, tmp_path / "one")
    os.utime(root / "srv" / "program", (1_800_000_000, 1_800_000_000))
    assert packed(root, tmp_path / "two") == first

    index = json.loads((tmp_path / "one" / "index.json").read_text())
    manifest = json.loads(blob(tmp_path / "one", index["manifests"][0]))
    config = json.loads(blob(tmp_path / "one", manifest["config"]))
    layer = gzip.decompress(blob(tmp_path / "one", manifest["layers"][0]))
    assert index["manifests"][0]["digest"] == first
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]
    assert config["config"]["User"] == "10001:10001"
    (tmp_path / "layer").write_bytes(layer)
    with tarfile.open(tmp_path / "layer") as archive:
        found = {one.name: one for one in archive}
    assert set(found) == {"srv", "srv/link", "srv/program", "srv/same"}
    assert (found["srv/program"].mode, found["srv/link"].linkname) == (0o755, "/srv/program")
    assert found["srv/same"].linkname == "srv/program"


@pytest.mark.cloud
def test_what_runs_is_what_the_lock_names(tmp_path: Path) -> None:
    """Every package that Gaia requires, with hashes, and none that only its developers need."""
    done = subprocess.run(
        [sys.executable, IMAGE / "runtime.py", ROOT / "requirements.lock"], capture_output=True, text=True, check=True
    )
    names = {line.partition("==")[0] for line in done.stdout.splitlines() if line and line[0].isalnum()}
    assert names >= {"dbos", "fastapi", "sqlalchemy", "typer", "greenlet"}
    assert names.isdisjoint({"pytest", "mypy", "hatchling", "moto"})
    assert done.stdout.count("--hash=sha256:") > len(names)
    assert tmp_path.exists()


@pytest.mark.chaos
def test_the_image_serves_as_the_user_that_it_names(require_tool: RequireTool) -> None:
    """`make image` here; its root, unpacked, begins a home, reads its stacks, and asks its policies."""
    for name in ("mmdebstrap", "umoci"):
        require_tool(name, optional=True)
    terraform = require_tool("terraform")
    subprocess.run(["make", "--no-print-directory", "image", f"TERRAFORM={terraform}"], cwd=ROOT, check=True)
    folder = ROOT / "dist" / "unpacked"
    try:
        subprocess.run(["umoci", "unpack", "--image", ROOT / "dist/image:0.1.0", folder], check=True)
        root = folder / "rootfs"
        for name, minor in (("null", 3), ("urandom", 9)):  # whoever runs containers mounts /dev
            os.mknod(root / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
            (root / "dev" / name).chmod(0o666)
        assert not [
            one for one in root.rglob("*") if one.is_file() and not one.is_symlink() and one.stat().st_mode & 0o6000
        ]
        bill = json.loads((root / "usr/share/sbom/gaia.cdx.json").read_text())
        assert {"git", "python3", "gaia-idp", "terraform"} <= {one["name"] for one in bill["components"]}

        def inside(*words: str) -> str:
            """What a command says in there, as Gaia's user, with nothing of our environment."""
            place = ["chroot", "--userspec=10001:10001", str(root), "/usr/bin/env", "-i", "HOME=/usr/lib/gaia/home"]
            environ = ["GAIA_HOME=/var/lib/gaia/home", "LANG=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin"]
            done = subprocess.run([*place, *environ, "gaia", *words], capture_output=True, text=True, check=True)
            return done.stdout

        inside("init", "/var/lib/gaia/platform")
        assert "Valid" in inside("-C", "/var/lib/gaia/platform", "validate", "stacks")
        assert "passed" in inside("-C", "/var/lib/gaia/platform", "policy", "test")
    finally:
        subprocess.run(["rm", "-rf", folder, ROOT / "dist/image"], check=True)
