"""What a pull request's preview is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.files import CheckoutFiles
    from gaia.ci.code.base_rules import JudgedByBase
    from gaia.ci.code.commits import Sides


@dataclass(frozen=True, slots=True)
class Ground:
    """The files of a pull request, and what they are compared with."""

    checkout: Checkout
    """The head, as it lies."""
    files: JudgedByBase
    """The checkout's files."""
    written: CheckoutFiles
    """The same as they are written: no function of theirs is run by whoever reads these."""
    sides: Sides
    began: CheckoutFiles
    """The files where the branch began."""
    changed: Collection[str]
    """The files that differ from there, relative to the platform repository."""
