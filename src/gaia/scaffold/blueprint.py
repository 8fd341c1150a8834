"""The platform repository that is shipped, and a new repository made from it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import gaia
from gaia.errors import Conflict, Next, Unavailable
from gaia.kit.git import OwnGit

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


def own_or_packaged(root: Path, folder: str) -> Path:
    """A folder of the repository at `root`; the blueprint's where it has none of that name.

    Raises:
        Unavailable: `blueprint-missing`.
    """
    own = root / folder
    return own if own.exists() else find_blueprint() / folder


def check_target(target: Path) -> None:
    """`Conflict("target-not-empty")` unless a repository can be made in `target`."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise _not_empty(target)


def init_repository(
    target: Path, blueprint: Path | None = None, *, environ: Mapping[str, str], again: bool = False
) -> str:
    """Make `target` a platform repository with a first commit on `main`; returns the commit.

    `again` goes on with a call that was cut off: what that one has written may be there, and nothing else.

    The repository lets Gaia publish by fast-forward while it is checked out (`receive.denyCurrentBranch`).

    Raises:
        Conflict: `target-not-empty`; nothing was changed.
        Unavailable: `blueprint-missing`, `tool-missing`.
    """
    source = blueprint or find_blueprint()
    git = OwnGit(target, {**environ, "LC_ALL": "C"})
    if again and target.is_dir():
        done = git.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}") if (target / ".git").exists() else None
        if done and not done.returncode:
            return done.stdout.strip()
        _refuse_foreign(target, source)
    else:
        check_target(target)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*_LEFT_OUT), dirs_exist_ok=True)
    git("init", "--quiet", "--initial-branch", BRANCH)
    git("config", "receive.denyCurrentBranch", "updateInstead")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", "Begin with Gaia's blueprint")
    return git.head()


def _refuse_foreign(target: Path, source: Path) -> None:
    """Whatever is no file of the blueprint was put there by somebody else meanwhile."""
    for path in target.rglob("*"):
        inner = path.relative_to(target)
        if inner.parts[0] != ".git" and not (source / inner).exists():
            raise _not_empty(target)


def _not_empty(target: Path) -> Conflict:
    from gaia.stacks.mainfile import main_file

    step = "Name a folder that does not exist yet, or is empty."
    if main_file(target) is not None:
        step = Next("adopt", str(target), "It holds an Atmos repository: register that as it is", after=f"Or: {step}")
    return Conflict("target-not-empty", f"{target} is not an empty folder", next_step=step)
