"""What stands around terraform's output, and where that goes when Gaia passes it on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.checkout.checkout import Checkout
    from gaia.cli.session import Session
    from gaia.stacks.model import Instance


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


def say_where(session: Session, checkout: Checkout, instance: Instance) -> None:
    """One line on the error stream: repository, commit and uncommitted files, instance, account and endpoint.

    Raises:
        Refused: see `Checkout.check_account`, which is asked first: it knows the account.
    """
    from gaia.cli.screens.target import where

    checkout.check_account(instance)
    target = checkout.target(instance)
    place = f", {where(target)}" if target.said or instance.providers else ""
    session.aside(f"{checkout.root} {checkout.revision}: {instance.key}{place}")
