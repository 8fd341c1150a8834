"""The comment of a job that could not do what it is there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.kit.markdown import code, escaped
from gaia.kit.visible import cut

if TYPE_CHECKING:
    from gaia.errors import GaiaError

_LONGEST = 4000
"""Characters of a message."""


def stopped_comment(error: GaiaError, commit: str) -> str:
    """What stopped it, where, and what to do."""
    lines = ["### ❌ Gaia: nothing was planned or applied", "", f"* {escaped(cut(error.message, _LONGEST))}"]
    lines += [f"  at {code(str(error.at))}"] if error.at else []
    lines += ["", escaped(cut(str(error.next_step or ""), _LONGEST))] if error.next_step else []
    return "\n".join([*lines, "", f"<sub>{code(commit[:12])}, {code(error.code)}</sub>", ""])
