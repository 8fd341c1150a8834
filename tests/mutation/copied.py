"""A copy of the tree, in which files may be broken, with an environment that runs the copy's code and no other.

Mutants are never written into the checkout: somebody may be working there, and a killed run would leave one behind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copy_tree(target: Path) -> Path:
    """Copy what is committed, or would be, to `target`; returns the copy's interpreter.

    The environment is the checkout's but for the package itself, so that a child that a test starts (`python -m gaia`)
    runs the mutant too. It has no `.pth` of an editable installation: those are read in `site-packages` only.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    if (ROOT / ".tools").is_dir():
        (target / ".tools").symlink_to(ROOT / ".tools")
    subprocess.run(["git", "init", "-q", target], check=True)  # for tests that ask git what is committed
    environment = target / ".venv"
    venv.create(environment, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)}))
    (packages / "tree.pth").write_text(f"{target / 'src'}\n{sysconfig.get_path('purelib')}\n")
    for program in (Path(sys.executable).parent).iterdir():
        if not (environment / "bin" / program.name).exists():
            _hand_on(program, environment / "bin" / program.name)
    return environment / "bin/python"


def _hand_on(program: Path, target: Path) -> None:
    """Programs of the checkout's environment, with the copy's interpreter where they name the other one."""
    data = program.read_bytes() if program.is_file() else b""
    there = os.fsencode(program.parent)
    target.write_bytes(data.replace(there, os.fsencode(target.parent), 1) if data.startswith(b"#!") else data)
    target.chmod(0o755)
