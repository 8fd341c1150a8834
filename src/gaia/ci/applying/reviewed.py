"""Applies what was reviewed: a plan made now has to refine it, else nothing is applied and it is said what differs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from gaia.ci.applying.progress import as_reviewed
from gaia.ci.model import causes
from gaia.terraform.normal import NormalForm
from gaia.terraform.refine import refines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gaia.checkout.batch import Batch
    from gaia.checkout.batch_model import Ended, PlannedStatus
    from gaia.ci.applying.progress import Progress
    from gaia.ci.approvals.needed import Asked
    from gaia.ci.model import Cause, Inputs, Made, Preview

Result = Literal["applied", "unchanged", "stopped", "unapproved", "different", "denied"]
"""`stopped`: something was applied, and not all of it ended well. With the last three nothing was applied."""


@dataclass(frozen=True, slots=True)
class Differing:
    """An instance of which the plan that was made now is not what was reviewed."""

    instance: str
    causes: tuple[Cause, ...] = ()
    differences: tuple[str, ...] = ()
    """In the plan: what was approved, and what is there now."""
    news: str = ""
    """Where it is not about single resources: that nobody reviewed it, or that it is not there any more."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How the application of a pull request ended."""

    made: Made
    """What was planned now."""
    reviewed: Preview
    asked: Asked
    differing: tuple[Differing, ...] = ()
    ends: tuple[Ended, ...] = ()

    @property
    def result(self) -> Result:
        """In a word."""
        if self.differing:
            return "different"
        if not self.asked.approved:
            return "unapproved"
        if self.made.denied:
            return "denied"
        if any(not one.fine for one in self.ends):
            return "stopped"
        return "applied" if any(one.status == "applied" for one in self.ends) else "unchanged"

    @property
    def fine(self) -> bool:
        """Whether everything is as it was reviewed."""
        return self.result in ("applied", "unchanged")


def differing(reviewed: Preview, made: Made, begun: Collection[str] = ()) -> tuple[Differing, ...]:
    """Every instance whose plan now does not refine the one that was reviewed, or is made of something else. Pure.

    `begun` are instances of which an application of this was begun: that has changed the state itself, and what is left
    of it is compared by what its journal says.
    """
    found = []
    now = {one.instance: one for one in made.preview.parts}
    for name in dict.fromkeys([*(one.instance for one in reviewed.parts), *now]):
        before, part = reviewed.part(name), now.get(name)
        if before is None or part is None:
            news = (
                "nobody has reviewed it"
                if before is None
                else "it was reviewed, and nothing is to be done about it now"
            )
            found.append(Differing(name, news=news))
            continue
        if before.status == part.status == "unchanged":  # nothing is done to it, whatever it is made of
            continue
        why = causes(before.inputs, part.inputs)
        if part.acts and not before.acts:
            news = f"it is changed now, and nobody has reviewed that: it was {_REVIEWED[before.status]} then"
            found.append(Differing(name, why, news=news))
            continue
        if name in begun:
            if left := tuple(one for one in why if one != "state"):
                found.append(Differing(name, left))
            continue
        differences = _differences(reviewed, made.preview, name)
        if before.digest and not part.digest:
            found.append(Differing(name, why, news="it cannot be planned now"))
        elif why or differences:
            found.append(Differing(name, why, differences))
    return tuple(found)


_REVIEWED: Mapping[PlannedStatus, str] = {
    "unchanged": "not changed",
    "waits": "not planned, for it waits for something else,",
    "failed": "not possible to plan",
}


def differing_as_written(reviewed: Preview, now: Mapping[str, Inputs]) -> tuple[Differing, ...]:
    """Every instance that is not made of what was reviewed, by its files alone: before any of it is run. Pure."""
    found = []
    for name in dict.fromkeys([*(one.instance for one in reviewed.parts), *now]):
        before, inputs = reviewed.part(name), now.get(name)
        if before is None:
            found.append(Differing(name, news="nobody has reviewed it"))
            continue
        if inputs is None or (before.status == "unchanged" and _known(inputs, before.inputs)):
            continue  # nothing is to be done, and all that is run is what was reviewed or is the base's
        if why := causes(before.inputs, replace(inputs, state=before.inputs.state)):
            found.append(Differing(name, why))
    return tuple(found)


def _known(inputs: Inputs, reviewed: Inputs) -> bool:
    return inputs.as_on_base or (inputs.input, inputs.touched) == (reviewed.input, reviewed.touched)


def overtaken(now: Mapping[str, Inputs], later: Mapping[str, str]) -> tuple[Differing, ...]:
    """Every instance of which the base branch has another content by now: an old job does not undo newer ones. Pure."""
    news = "the base branch has another by now, and what was merged later is not undone"
    return tuple(Differing(name, news=news) for name, content in later.items() if now[name].input != content)


def _differences(reviewed: Preview, now: Preview, instance: str) -> tuple[str, ...]:
    parts = {key: changes for key, changes in now.normal.parts.items() if str(key) == instance}
    return tuple(map(str, refines(reviewed.normal, NormalForm(parts, now.normal.key_id, now.normal.key))))


def apply_reviewed(made: Made, batch: Batch, reviewed: Preview, asked: Asked, progress: Progress) -> Applied:
    """Apply a preview that was reviewed, if it is approved and the plan that was made now refines it.

    What needs a value that nobody knew is not applied: nobody has seen its plan.
    """
    found = differing(reviewed, made, progress.begun(made, lambda one: batch.change(one).goes_on))
    if found or not asked.approved or made.denied:
        return Applied(made, reviewed, asked, found)
    instances = {one.instance.key: one.instance for one in made.planned}
    ends = batch.apply(
        [as_reviewed(reviewed, one) for one in made.planned], lambda end: progress.ended(instances[end.key])
    )
    return Applied(made, reviewed, asked, ends=ends)
