"""Removing what Gaia and Atmos left of an instance in working directories."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gaia.checkout import words as reading
from gaia.checkout.command import Command
from gaia.errors import Conflict
from gaia.kit.files import write_failed
from gaia.platform.instances.outputs import working_folder
from gaia.terraform.workdir import alone_in

if TYPE_CHECKING:
    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance

_CLEANED: tuple[Literal["plan", "read"], ...] = ("plan", "read")


def clean(checkout: Checkout, instance: Instance) -> tuple[str, ...]:
    """Remove Gaia's working directories of an instance, and what Atmos left for it; gives what was removed.

    States, lock files and code stay; what terraform left in a copy is brought back first.

    Raises:
        Conflict: `state-in-copy` where a copy holds a state that cannot be brought back; nothing is removed then.
    """
    folders = [working_folder(checkout.workplace, instance, use) for use in _CLEANED]
    for folder in filter(Path.is_dir, folders):
        with alone_in(folder):
            Command(checkout, reading.Words("clean"), instance).bring_back(folder, killed=True)
            _check_saved(folder / "tree", checkout.files.tree, instance)
    home, gone = checkout.home_of(instance), []
    for name in (".terraform", instance.varfile_name, instance.planfile_name):
        path = home / name
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()
            else:
                continue
        except OSError as error:
            raise write_failed(path, error) from error
        gone.append(str(path))
    for folder in folders:
        if folder.is_dir():
            with alone_in(folder):
                for inner in folder.iterdir():
                    if inner.is_dir():
                        shutil.rmtree(inner)
            gone.append(str(folder))
    return tuple(gone)


def _check_saved(copy: Path, tree: Path, instance: Instance) -> None:
    """Raise for a state in a copy that the checkout does not have: none is ever copied, so it is nowhere else."""
    for path in sorted(copy.rglob("*.tfstate")):
        inside = path.relative_to(copy)
        there = tree / inside
        if ".terraform" in inside.parts or not path.is_file():
            continue
        if not there.is_file() or not filecmp.cmp(path, there, shallow=False):
            raise Conflict(
                "state-in-copy",
                f"a state of {instance.key} lies in {path} only",
                next_step=f"Save it where it belongs, at {there} say, then clean again.",
                facts={"instance": str(instance.key), "file": str(path)},
            )
