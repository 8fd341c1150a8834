"""Instances that are described because the template of another one asks for them."""

from __future__ import annotations

from gaia.errors import Invalid

MAX_DEPTH = 64
"""Instances that describe each other in a chain."""


class Chain:
    """The instances that are being described because another one asked for them."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, str]] = []

    def enter(self, component: str, stack: str) -> None:
        """Begin to describe an instance for another one.

        Raises:
            Invalid: `function-cycle`, with the whole circle.
        """
        step = (component, stack)
        if step in self._steps or len(self._steps) >= MAX_DEPTH:
            names = [f"{one} in {its}" for one, its in [*self._steps, step]]
            raise Invalid(
                "function-cycle",
                f"instances describe each other in a circle: {' → '.join(names[-8:])}",
                next_step="Write one of these values out.",
            )
        self._steps.append(step)

    def leave(self) -> None:
        """The instance is described."""
        self._steps.pop()
