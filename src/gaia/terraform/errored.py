"""The state that terraform could not save: it stands in `errored.tfstate` alone, and nobody but Gaia looks there."""

from __future__ import annotations

import shutil
from glob import escape
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Next
from gaia.kit.files import write_failed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gaia.stacks.model import Instance

FILE = "errored.tfstate"
"""As terraform calls it, in the folder that it runs in."""


def own_name(instance: Instance) -> str:
    """What the file is called in the component's own folder, where other instances may have theirs."""
    return f"{instance.varfile_name.removesuffix('.terraform.tfvars.json')}.{FILE}"


def keep(module: Path, home: Path, instance: Instance) -> None:
    """Move the one in a copy's component folder to the component's own folder `home`; none there is replaced.

    Raises:
        Unavailable: `disk-full`, `file-not-writable`; it stays in the copy then.
    """
    left = module / FILE
    if not left.is_file():
        return
    name, number = own_name(instance), 2
    while (home / name).exists():
        name, number = f"{own_name(instance).removesuffix('.tfstate')}-{number}.tfstate", number + 1
    draft = home / f".{name}.draft"
    try:
        shutil.copyfile(left, draft)
        draft.chmod(0o600)
        draft.replace(home / name)
        left.unlink()
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise write_failed(home / name, error) from error


def lying(home: Path, instance: Instance) -> Path | None:
    """The one in the component's own folder that is, or may be, of this instance."""
    own = sorted(home.glob(f"{escape(own_name(instance).removesuffix('.tfstate'))}*.tfstate"))
    return next((path for path in (*own, home / FILE) if path.is_file()), None)


def check(instance: Instance, places: Iterable[Path], home: Path | None = None) -> None:
    """Refuse to plan on a state that lacks what was made.

    Args:
        instance: whose state it is.
        places: folders of copies, in which terraform may have left the file.
        home: the component's own folder in a checkout.

    Raises:
        Conflict: `state-errored`.
    """
    found = lying(home, instance) if home is not None else None
    found = found or next((place / FILE for place in places if (place / FILE).is_file()), None)
    if found is None:
        return
    key, name = instance.key, found.name if home is not None and found.parent == home else str(found)
    raise Conflict(
        "state-errored",
        f"terraform could not save the state of {key}: what it made last stands in {found} only",
        next_step=Next(
            "terraform state push",
            key.component,
            "Save it",
            stack=key.stack,
            options=(name,),
            after=f"Then remove {name}. Where it is another instance's, move it elsewhere until it is saved there.",
        ),
        facts={"instance": str(key), "file": str(found)},
    )
