"""Which files the lock's hashes are of: only the package index knows, and a test must not ask it.

`python -m tests.unit.house.wheels` asks, once for each new lock, and writes `.ci/wheels.txt`: name and hash of each
wheel that Gaia needs to run.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "requirements.lock"
TABLE = ROOT / ".ci/wheels.txt"
PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))
PLATFORMS = {
    # glibc 2.34 is that of RHEL 9; what is built for an older one runs there too.
    ("linux", "x86_64"): [*(f"manylinux_2_{minor}_x86_64" for minor in range(34, 4, -1)), "manylinux2014_x86_64"],
    ("linux", "aarch64"): [*(f"manylinux_2_{minor}_aarch64" for minor in range(34, 16, -1)), "manylinux2014_aarch64"],
    ("darwin", "arm64"): list(mac_platforms((14, 0), "arm64")),
    ("darwin", "x86_64"): list(mac_platforms((14, 0), "x86_64")),
}
_PACKAGE = re.compile(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)(?: ; ([^\\\n]+))?")


@dataclass(frozen=True, slots=True)
class Locked:
    """One version of a package, and where it is wanted."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    def wanted(self, python: tuple[int, int], platform: tuple[str, str]) -> bool:
        """Whether pip installs it there."""
        there = {
            "sys_platform": platform[0],
            "platform_system": platform[0].capitalize(),
            "platform_machine": platform[1],
            "python_version": f"{python[0]}.{python[1]}",
            "python_full_version": f"{python[0]}.{python[1]}.0",
        }
        return not self.marker or Marker(self.marker).evaluate(there)


def locked() -> list[Locked]:
    """Everything that Gaia needs to run, as `requirements.lock` has it."""
    packages: dict[str, list[Locked]] = {}
    wanted_by: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=[a-z])", LOCK.read_text()):
        package = _package(block)
        packages.setdefault(package.name, []).append(package)
        reasons = block.partition("# via")[2].replace("#", "").splitlines()
        wanted_by.setdefault(package.name, set()).update(reason.strip() for reason in reasons)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed: set[str] = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    while more := {name for name, by in wanted_by.items() if by & needed} - needed:
        needed |= more
    return [package for name in sorted(needed) for package in packages[name]]


def _package(block: str) -> Locked:
    found = _PACKAGE.match(block)
    assert found, block
    hashes = frozenset(re.findall(r"--hash=sha256:(\w+)", block))
    return Locked(found[1], found[2], (found[3] or "").strip(), hashes)


def table() -> dict[str, str]:
    """The name of each wheel in `.ci/wheels.txt`, by its hash."""
    return {digest: name for name, digest in (line.split() for line in TABLE.read_text().splitlines())}


def taken(python: tuple[int, int], platform: tuple[str, str]) -> set[Tag]:
    """Which wheels pip takes there."""
    names = PLATFORMS[platform]
    interpreter = f"cp{python[0]}{python[1]}"
    return {*cpython_tags(python, platforms=names), *compatible_tags(python, interpreter, names)}


def fits(wheel: str, tags: set[Tag]) -> bool:
    """Whether pip would take this wheel where it takes `tags`."""
    return not tags.isdisjoint(parse_wheel_filename(wheel)[3])


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "pylock.toml"
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        command += ["--all-extras", "--group", "dev", "--python-version", "3.11", "--constraints", str(LOCK)]
        subprocess.run([*command, "--format", "pylock.toml", "-o", str(found), "pyproject.toml"], cwd=ROOT, check=True)
        packages = tomllib.loads(found.read_text())["packages"]
    known = {digest for package in locked() for digest in package.hashes}
    everywhere = {tag for platform in PLATFORMS for python in PYTHONS for tag in taken(python, platform)}
    lines = {
        f"{name} {digest}"
        for found_package in packages
        for wheel in found_package.get("wheels", [])
        if (digest := wheel["hashes"]["sha256"]) in known and fits(name := wheel["url"].rpartition("/")[2], everywhere)
    }
    TABLE.write_text("".join(f"{line}\n" for line in sorted(lines)))


if __name__ == "__main__":
    main()
