"""Who declares a dependency on whom, in both directions: what `list dependencies` shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gaia.graph.needs import declared
from gaia.graph.order import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gaia.stacks.model import Instance, InstanceKey

Direction = Literal["both", "forward", "reverse"]


@dataclass(frozen=True, slots=True)
class Declared:
    """The dependencies between enabled instances, each side sorted. References to outputs do not count, as in Atmos."""

    needs: Mapping[InstanceKey, Sequence[InstanceKey]]
    needed_by: Mapping[InstanceKey, Sequence[InstanceKey]]

    @classmethod
    def among(cls, instances: Iterable[Instance]) -> Declared:
        """Those that have both ends in `instances`; what is abstract or disabled is left out."""
        enabled = [one for one in instances if one.enabled and not one.abstract]
        known = Known(enabled)
        needs: dict[InstanceKey, Sequence[InstanceKey]] = {}
        needed_by: dict[InstanceKey, set[InstanceKey]] = {one.key: set() for one in enabled}
        for one in enabled:
            targets = {target for need in declared(one) for target in known.targets(need)} - {one.key}
            needs[one.key] = sorted(targets)
            for target in targets:
                needed_by[target].add(one.key)
        return cls(needs, {key: sorted(sources) for key, sources in needed_by.items()})

    def near(self, key: InstanceKey, direction: Direction) -> Sequence[InstanceKey]:
        """The direct neighbors of an instance."""
        forward = self.needs[key] if direction != "reverse" else ()
        return [*forward, *(self.needed_by[key] if direction != "forward" else ())]

    def distances(self, roots: Iterable[InstanceKey], direction: Direction) -> dict[InstanceKey, int]:
        """How far each reachable instance is from the nearest root, which is at 0."""
        found = dict.fromkeys(roots, 0)
        queue = list(found)
        for key in queue:
            for neighbor in self.near(key, direction):
                if neighbor not in found:
                    found[neighbor] = found[key] + 1
                    queue.append(neighbor)
        return found
