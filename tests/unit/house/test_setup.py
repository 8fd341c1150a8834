"""`.ci/setup`, which `make` runs: what it says, with a uv that installs nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
UV = f"""#!/bin/sh
case $1 in
venv) mkdir -p .venv/bin && ln -s {sys.executable} .venv/bin/python ;;
pip) touch .venv/bin/gaia && chmod +x .venv/bin/gaia && if [ -e broken ]; then echo "no such wheel" >&2; exit 4; fi ;;
esac
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What the script reads, and nothing else."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/uv").write_text(UV)
    (tmp_path / "bin/uv").chmod(0o755)
    return tmp_path


def setup(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run it in a pipe."""
    env = {"PATH": f"{tree / 'bin'}:/usr/bin:/bin", "PYTHON": sys.executable}
    return subprocess.run(["sh", ".ci/setup"], cwd=tree, env=env, capture_output=True, text=True, check=False)


def test_each_step_is_a_line_and_nothing_to_do_is_none(tree: Path) -> None:
    """Three steps with their seconds, and where Gaia is; the second time nothing is said."""
    said = setup(tree).stdout.splitlines()
    assert [line[:6] for line in said[:3]] == ["[1/3] ", "[2/3] ", "[3/3] "]
    assert all(line.endswith(" s") for line in said[:3])
    assert [".venv/bin/gaia" in line for line in said[3:]] == [True]
    again = setup(tree)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_a_step_that_fails_says_why_and_is_done_again(tree: Path) -> None:
    """What the program said, its exit code, and nothing that looks finished."""
    (tree / "broken").touch()
    failed = setup(tree)
    assert (failed.returncode, failed.stderr) == (4, "no such wheel\n")
    assert failed.stdout.splitlines()[-1].endswith(": failed")
    (tree / "broken").unlink()
    assert "[2/3] " in setup(tree).stdout
