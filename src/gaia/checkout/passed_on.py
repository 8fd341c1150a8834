"""Terraform's own words, passed on to whoever runs it, but for those that are not so here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.operations.model import Log

_DESTROYED = re.compile(r"^Apply complete! Resources: .*?(\d+ destroyed.*)$")
_SAVED_NOTE = b"Saved the plan to:"
_RULE = re.compile(rb"\x1b\[90m(\n|$)|\n\xe2\x94\x80\xe2\x94\x80")
"""A line that parts what follows from the plan, or the color that it is drawn in."""
_LONGEST_NOTE = 1200


class WithoutNote:
    """Passes terraform's output on, but not its last words on a plan file: that file is applied here, by us."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._held = b""

    def __call__(self, piece: bytes) -> None:
        """Pass on what cannot be those words."""
        text = self._held + piece
        found = list(_RULE.finditer(text))
        at = found[-1].start() if found else len(text)
        if found and len(text) - at > _LONGEST_NOTE and _SAVED_NOTE not in text[at:]:
            at = len(text)
        if at:
            self._write(text[:at])
        self._held = text[at:]

    def end(self) -> None:
        """Pass the rest on."""
        if self._held and _SAVED_NOTE not in self._held:
            self._write(self._held)
        self._held = b""


def progress(write: Callable[[str], object], warn: Callable[[str], object], *, destroy: bool) -> Log:
    """Terraform's lines while it applies, as it writes them for people; what Gaia says goes to `warn`.

    A plan that destroys ends like any other that is applied, where `terraform destroy` says `Destroy complete!`.
    """

    def log(level: str, message: str, event: Mapping[str, object] | None = None) -> None:
        kind = event.get("kind") if event else None
        if kind == "provision":  # a program's own output
            write(f"{message}\n")
        elif kind in ("start", "progress", "complete", "failed"):
            write(f"{visible(message)}\n")
        elif kind == "summary":
            text = _DESTROYED.sub(r"Destroy complete! Resources: \1", message) if destroy else message
            write(f"\n{text}\n")
        elif event is None and level == "warn":
            warn(message)

    return log
