"""A resolver that knows outputs of instances, and leaves everything else to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.stacks.ports import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.stacks.model import Reference
    from gaia.stacks.ports import Call, Resolver


class Answering:
    """Answers references with `value`, which may raise `Unanswered`; the rest is asked of `others`, if there is one."""

    def __init__(self, value: Callable[[Reference], object], others: Resolver | None) -> None:
        self._value = value
        self._others = others

    def _rest(self) -> Resolver:
        if self._others is None:
            raise Unanswered
        return self._others

    def terraform(self, reference: Reference) -> object:
        """The value of an output, or all outputs."""
        return self._value(reference)

    def execute(self, command: str, environ: Mapping[str, str]) -> str:
        """As the other one says."""
        return self._rest().execute(command, environ)

    def store(self, call: Call) -> object:
        """As the other one says."""
        return self._rest().store(call)

    def secret(self, call: Call) -> object:
        """As the other one says."""
        return self._rest().secret(call)

    def cloud(self, call: Call) -> object:
        """As the other one says."""
        return self._rest().cloud(call)
