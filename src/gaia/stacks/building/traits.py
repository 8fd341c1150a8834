"""What a value holds that has to be worked on: templates, functions, things to append, floats without a fraction.

Shared parts are read once."""

from __future__ import annotations

from gaia.kit.scalars import is_whole
from gaia.stacks.loading.deferred import Deferred
from gaia.stacks.loading.tags import function_of
from gaia.stacks.merge import APPENDED

PLAIN, TEMPLATE, FUNCTION, APPEND, WHOLE = 0, 1, 2, 4, 8


def opening(left: str) -> str:
    """What a text with a template holds: the opening delimiter without the quotes that only the dump adds."""
    return left.strip("'\"") or left


class Traits:
    """The traits of values. Maps and lists are remembered by identity, and kept so that no other takes their place."""

    def __init__(self, opening: str) -> None:
        self._opening = opening
        self._known: dict[int, tuple[object, int]] = {}

    def of(self, value: object) -> int:
        """The traits of a value and all below it, as a sum."""
        if isinstance(value, str):
            if isinstance(value, Deferred):
                return FUNCTION
            traits = TEMPLATE if self._opening in value else PLAIN
            if value[:1] == "!" and function_of(value) is not None:
                traits |= FUNCTION
            return traits
        if not isinstance(value, (dict, list)):
            return WHOLE if isinstance(value, float) and is_whole(value) else PLAIN
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = (value, self._below(value))
        return known[1]

    def _below(self, value: dict[str, object] | list[object]) -> int:
        traits = PLAIN
        if isinstance(value, dict):
            for key in value:
                if self._opening in key:
                    traits |= TEMPLATE
                elif key == APPENDED:
                    traits |= APPEND
            value = list(value.values())
        for inner in value:
            # Most values are numbers and short texts: look before calling.
            kind = type(inner)
            if kind is str:
                if "{" in inner or inner[:1] == "!" or self._opening in inner:  # type: ignore[operator, index]
                    traits |= self.of(inner)
            elif kind is dict or kind is list or kind is float or kind is Deferred:
                traits |= self.of(inner)
        return traits
