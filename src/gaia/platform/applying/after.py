"""What follows when all instances of a request are changed, in order; each step says how it is undone, if it can be.

A room that has something to do then adds a name to `steps.AFTER` and what it does here. A step is called again where it
was cut off, so both are idempotent; what they return is ids and scalars, which the steps after it find in
`context.results`. An undo is called where a later step failed and the request says that it is to be undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.platform.applying.publishing import publish, unpublish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.platform.engine.steps import Work


@dataclass(frozen=True, slots=True)
class After:
    """What a step does, and what undoes that."""

    do: Work
    undo: Work | None = None
    uncertain: bool = False
    """See `Step.uncertain`."""


WORK: Mapping[str, After] = {"publish": After(publish, unpublish, uncertain=True)}
"""By the names of `steps.AFTER`."""
