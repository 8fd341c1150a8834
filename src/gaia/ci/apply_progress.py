"""How far the application of a preview is: kept, so that who comes after a killed runner goes on, and no further."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_map
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.checkout.batch_model import Planned
    from gaia.checkout.checkout import Checkout
    from gaia.ci.kept import Kept
    from gaia.ci.model import Preview


@dataclass(frozen=True)
class Progress:
    """Of one preview."""

    kept: Kept
    preview: Preview
    checkout: Checkout

    @property
    def _name(self) -> str:
        return f"applied/{self.preview.digest.partition(':')[2]}"

    def begin(self, planned: Sequence[Planned]) -> None:
        """Write down, before anything is applied, from which journal on each instance is worked on for this."""
        if self.kept.get(self._name) is not None:
            return
        records = self.checkout.records
        first = {str(one.instance.key): (records.numbers(one.instance) or [0])[-1] + 1 for one in planned}
        self.kept.create(self._name, {"journals": first})

    def begun(self, planned: Sequence[Planned]) -> frozenset[str]:
        """Instances of which an application of this preview was begun, be it that it ended or was killed."""
        first = as_map(as_map(self.kept.get(self._name)).get("journals"))
        records = self.checkout.records
        found = []
        for one in planned:
            number, mine = first.get(str(one.instance.key)), records.numbers(one.instance)
            if isinstance(number, int) and mine and mine[-1] >= number:
                found.append(str(one.instance.key))
        return frozenset(found)


def as_reviewed(reviewed: Preview, planned: Planned) -> Planned:
    """What is applied has to refine what was reviewed, not only what was planned now."""
    if planned.seen is None:
        return planned
    normal = planned.seen.normal
    parts = {key: changes for key, changes in reviewed.normal.parts.items() if key == planned.instance.key}
    return replace(planned, seen=replace(planned.seen, normal=NormalForm(parts, normal.key_id, normal.key)))
