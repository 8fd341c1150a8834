"""A component's own provider block, made a configuration that many instances can share.

Most repositories have `provider "aws" { region = var.region }` in each component, and each such block is a process of
the provider in each plan. Where a block says nothing but variables and literals, its values are known before anything
is planned: then it is taken out of the copy that is planned, and given from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import hcl
from gaia.terraform import code_providers

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from gaia.stacks.model import Instance
    from gaia.terraform.code_providers import Blocks


def providers_of(instance: Instance, home: Path) -> dict[str, object]:
    """How an instance's providers are configured, as far as code and stack say it without terraform."""
    blocks = read(home)
    own = blocks.values(instance.vars) if blocks is not None else None
    return {**(own or {}), **instance.providers}


def read(folder: Path, replaced: Collection[str] = ()) -> Blocks | None:
    """The blocks of a component's folder; None where some are in a file that cannot be rewritten.

    `replaced` are files that do not count, for they are written anew for each instance.
    """
    try:
        blocks = code_providers.read(folder, tofu=True, replaced=replaced)
    except (Invalid, OSError):
        return None
    if any(folder.glob("*.tofu")) or any(folder.glob("*.tofu.json")):
        return None  # which files count depends on the program
    return blocks if blocks.in_text else None


def take_out(folder: Path) -> None:
    """Remove the provider blocks of the code in a folder, which is a copy."""
    for path in sorted(folder.glob("*.tf")):
        text = path.read_text("utf-8", "replace")
        if "provider" in text:
            path.write_text(hcl.without(text, "provider"), "utf-8")
