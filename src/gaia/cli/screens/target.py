"""Where something would be changed, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.platform.target import Target


def where(target: Target) -> str:
    """`account 123456789012 in eu-west-1 (profile media)`; what nobody knows is said too."""
    if target.emulator:
        said = f"the emulated AWS at {target.endpoint}"
    else:
        said = f"account {target.account}" if target.account else "an account that only the credentials tell"
        said += f" at {target.endpoint}" if target.endpoint else ""
    said += f" in {target.region}" if target.region else ""
    return said if target.emulator else f"{said} ({target.credentials})"


def all_of(targets: Sequence[Target]) -> str:
    """Of every target; empty where none is known."""
    return ", and ".join(where(each) for each in targets)
