"""How far the application of a preview is: kept, so that who comes after a killed runner goes on, and no further."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.ci.applying.journals import journal_name
from gaia.ci.previewing import as_input
from gaia.kit.shapes import as_map
from gaia.states.survey import states_before_plan
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.checkout.batch_model import Planned
    from gaia.checkout.checkout import Checkout
    from gaia.ci.model import Made, Preview
    from gaia.ci.storage.kept import Kept
    from gaia.stacks.model import Instance


@dataclass(frozen=True)
class Progress:
    """Of one preview."""

    kept: Kept
    preview: Preview
    checkout: Checkout

    def begun(self, made: Made, goes_on: Callable[[Instance], bool]) -> frozenset[str]:
        """Instances whose state is another because this preview, and nothing after it, changed it.

        Their last journal was begun for it, and either did not end, or the state is the one that it left.
        """
        found = []
        for one in made.planned:
            last, part = self._last(one.instance), made.preview.part(str(one.instance.key))
            if not last or as_map(self.kept.get(f"begun/{last}")).get("preview") != self.preview.digest:
                continue
            left = as_map(self.kept.get(f"left/{last}"))
            if goes_on(one.instance) or (part is not None and left == {"state": part.inputs.state}):
                found.append(str(one.instance.key))
        return frozenset(found)

    def ended(self, instance: Instance) -> None:
        """Write down which state an application leaves; where it does not read nobody knows."""
        if last := self._last(instance):
            reading = states_before_plan(self.checkout.ground, [instance], self.checkout.tell, look_elsewhere=False)[
                instance.key
            ]
            if reading.error is None:
                self.kept.put(f"left/{last}", {"state": as_input(reading.state)})

    def _last(self, instance: Instance) -> str:
        numbers = self.checkout.records.numbers(instance)
        return journal_name(instance, numbers[-1]) if numbers else ""


def as_reviewed(reviewed: Preview, planned: Planned) -> Planned:
    """What is applied has to refine what was reviewed, not only what was planned now."""
    if planned.seen is None:
        return planned
    normal = planned.seen.normal
    parts = {key: changes for key, changes in reviewed.normal.parts.items() if key == planned.instance.key}
    return replace(planned, seen=replace(planned.seen, normal=NormalForm(parts, normal.key_id, normal.key)))
