"""The errors of asking for what is not there: each names what is nearest."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gaia.stacks.building.assembler import Assembler


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Makes the errors for one repository, from the names that its manifests have."""

    assembler: Assembler
    manifests: Sequence[str]

    def component(self, component: str, stack: str, stacks_of_component: Iterable[str]) -> NotFound:
        """`component-unknown`, or `stack-unknown` where there is no such stack."""
        members = self.assembler.members(self.manifests)
        named = [(self.assembler.name_or_path(*member), member[2]) for member in members]
        if stack not in {name for name, _ in named}:
            return self.stack(stack)
        here = sorted({name for its, name in named if its == stack})
        elsewhere = sorted(stacks_of_component)
        hint = f"{component} is in {', '.join(elsewhere[:5])}." if elsewhere else nearest(component, here)
        return NotFound(
            "component-unknown",
            f"the stack {stack} has no component {component!r}",
            next_step=hint,
            facts={"nearest": close(component, here)},
        )

    def stack(self, stack: str) -> NotFound:
        """`stack-unknown`; where it is a manifest's path, that manifest's stack is named."""
        by_path = next((path for path in self.manifests if posixpath.splitext(path)[0] == stack), None)
        inside = self.assembler.members((by_path,) if by_path else ())
        real = sorted({self.assembler.name_or_path(*member) for member in inside} - {stack})
        known = sorted({self.assembler.name_or_path(*member) for member in self.assembler.members(self.manifests)})
        return NotFound(
            "stack-unknown",
            f"there is no stack {stack!r}",
            next_step=f"This manifest's stack is {real[0]!r}." if real else nearest(stack, known),
            facts={"nearest": real or close(stack, known)},
        )


def close(name: str, known: Iterable[str]) -> list[str]:
    """The names that it may be a misspelling of, at most three."""
    import difflib  # a start-up pays for it only where something is misspelled

    return difflib.get_close_matches(name, list(known), n=3)


def nearest(name: str, known: Iterable[str]) -> str:
    """A next step: what may have been meant, else what there is."""
    known = list(known)
    near = close(name, known)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"Known: {', '.join(known[:8])}{' …' if len(known) > 8 else ''}." if known else "There are none."
