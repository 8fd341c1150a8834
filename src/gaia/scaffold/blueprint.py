"""The platform repository that is shipped, and a new repository made from it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import gaia
from gaia.errors import Conflict, Unavailable
from gaia.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Mapping

BRANCH = "main"
_LEFT_OUT = (".terraform", ".terraform.lock.hcl", "*.tfstate", "*.tfstate.*", "__pycache__", ".git")


def find_blueprint() -> Path:
    """The folder of the blueprint: inside the installed package, or beside `src/` in a checkout.

    Raises:
        Unavailable: `blueprint-missing`.
    """
    package = Path(gaia.__file__).parent
    for folder in (package / "blueprint", package.parent.parent / "blueprint"):
        if (folder / "atmos.yaml").is_file():
            return folder
    raise Unavailable(
        "blueprint-missing",
        "the blueprint of a platform repository is not installed with Gaia",
        next_step="Install the package gaia-idp again, or run from a complete checkout.",
    )


def init_repository(target: Path, blueprint: Path | None = None, *, environ: Mapping[str, str]) -> str:
    """Make `target` a platform repository with a first commit on `main`; returns the commit.

    The repository lets Gaia publish by fast-forward while it is checked out (`receive.denyCurrentBranch`).

    Raises:
        Conflict: `target-not-empty`; nothing was changed.
        Unavailable: `blueprint-missing`, `tool-missing`.
    """
    source = blueprint or find_blueprint()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(
            "target-not-empty",
            f"{target} is not an empty folder",
            next_step="Name a folder that does not exist yet, or is empty.",
        )
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*_LEFT_OUT), dirs_exist_ok=True)
    git = Git(target, environ)
    git("init", "--quiet", "--initial-branch", BRANCH)
    git("config", "receive.denyCurrentBranch", "updateInstead")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", "Begin with Gaia's blueprint")
    return git.head()
