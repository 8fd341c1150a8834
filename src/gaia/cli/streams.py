"""Where terraform's output goes when Gaia passes it on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.cli.session import Session


def at_once(session: Session) -> Callable[[str], object]:
    """Whoever follows a pipe sees each line when it comes."""

    def write(text: str) -> None:
        session.write(text)
        session.stdout.flush()

    return write


def warned(session: Session) -> Callable[[str], object]:
    """What Gaia itself says while terraform works."""
    return lambda text: session.note(text, "warn")


def nothing(text: str) -> None:
    """Where a program reads, terraform's lines are left out."""


def as_it_is(session: Session) -> Callable[[bytes], object]:
    """Where terraform's output goes: as it is, where this process's own goes."""
    if session.stdout is sys.stdout:

        def write(piece: bytes) -> None:
            sys.stdout.flush()  # what was written as text stands before it
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()

        return write
    return lambda piece: session.stdout.write(piece.decode("utf-8", "replace"))
