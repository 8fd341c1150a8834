"""A stack that is changed by requests only, at a clone of the remote that says so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gaia.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cloud

ATMOS = (
    'base_path: ""\ncomponents: {terraform: {base_path: components}}\n'
    'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n'
)
OPEN = "vars: {stage: dev}\nterraform: {backend_type: local}\ncomponents: {terraform: {note: {}}}\n"
CLOSED = OPEN + "settings: {gaia: {direct: refused}}\n"
FILES = {
    "atmos.yaml": ATMOS,
    "stacks/dev.yaml": CLOSED,
    "components/note/main.tf": 'variable "stage" {}\nresource "terraform_data" "this" {}\n',
    ".gitignore": "*.tfstate*\n",
}
COMMIT = ("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q")


def code(folder: Path, *words: str) -> tuple[int, str]:
    """How a command in the clone ends: its exit code, and the code of its error."""
    environ = {**os.environ, "GAIA_HOME": str(folder / "home")}
    line = [sys.executable, "-m", "gaia", *words, "--output", "json"]
    done = subprocess.run(line, cwd=folder / "clone", env=environ, capture_output=True, text=True, check=False)
    error = json.loads(done.stderr[done.stderr.index("{") :])["error"] if done.returncode else ""
    return done.returncode, error


def test_only_what_is_published_opens_a_closed_stack(tmp_path: Path) -> None:
    """Neither an edit as it lies, nor a commit, nor another branch; then a push does, and the remote may be gone."""
    apply, stack = ("apply", "note", "-s", "dev", "--yes"), tmp_path / "clone/stacks/dev.yaml"
    (tmp_path / "clone").mkdir()
    git = Git(tmp_path / "clone", os.environ)
    for name, text in FILES.items():
        (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "clone" / name).write_text(text)
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), (*COMMIT, "-m", "All.")):
        git(*words)
    git("init", "-q", "--bare", "-b", "main", "../remote.git")
    git("remote", "add", "origin", "../remote.git")
    git("push", "-q", "-u", "origin", "main")
    assert code(tmp_path, "adopt", "--register-only") == (0, "")

    assert code(tmp_path, *apply) == (6, "direct-refused")
    stack.write_text(OPEN)
    assert code(tmp_path, *apply) == (6, "direct-refused")
    git("switch", "-q", "-c", "other")
    git(*COMMIT, "-am", "Open it.")
    assert code(tmp_path, *apply) == (6, "direct-refused")
    assert code(tmp_path, "plan", "note", "-s", "dev") == (0, ""), "looking stays open"
    git("push", "-q", "origin", "other:main")
    assert code(tmp_path, *apply) == (0, "")
    shutil.rmtree(tmp_path / "remote.git")
    assert code(tmp_path, "destroy", "note", "-s", "dev", "--yes") == (0, "")
