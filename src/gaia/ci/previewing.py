"""Plans what a pull request affects, all of it together, and says what that plan was made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.checkout.batch import Batch
from gaia.checkout.selection import Selection, instances_meant
from gaia.ci.code.content import content_of
from gaia.ci.code.touched_files import content_touched
from gaia.ci.model import Gone, Inputs, Made, Part, Preview
from gaia.errors import GaiaError
from gaia.graph.compare import affected
from gaia.kit import canonical, clock
from gaia.stacks.model import InstanceKey
from gaia.states.survey import states_before_plan, usable
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gaia.checkout.batch_model import Listener, Planned
    from gaia.checkout.checkout import Checkout
    from gaia.ci.code.ground import Ground
    from gaia.graph.compare import Affected
    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository
    from gaia.terraform.state import State


def make_preview(
    ground: Ground, *, parallel: int | None = None, listener: Listener | None = None, changing: bool = False
) -> tuple[Made, Batch]:
    """Plan all instances that a pull request affects, as one; the batch can apply what was planned.

    With `changing` it is asked too whether each may be changed now.

    Raises:
        See `gaia.graph.compare.affected`, `Batch.plan`.
    """
    checkout = ground.checkout
    repository = checkout.files.repository.forgiving()
    found = affected(repository, ground.began.repository.forgiving(), ground.changed)
    here = {one.key for one in found if not one.deleted}
    instances = instances_meant(repository, Selection(affected=True), lambda: here)
    batch = Batch(checkout, instances, parallel=parallel, listener=listener)
    inputs = _inputs(ground, instances)
    planned = batch.plan(changing=changing) if instances else ()
    parts = tuple(_part(one, inputs[one.instance.key]) for one in planned)
    preview = Preview(ground.sides.base, ground.sides.head, parts, _normal(checkout, planned), clock.now())
    unbuilt = tuple((f"{one.where}/{one.component}", one.error.message) for one in repository.failures or ())
    made = Made(
        preview,
        planned,
        {str(key): tuple(sorted(map(str, needs))) for key, needs in batch.needs.items()},
        tuple(_gone(checkout, found)),
        unbuilt,
        _drawing(repository, instances, found),
        behind=_behind(ground, parts),
    )
    return made, batch


def _behind(ground: Ground, parts: Iterable[Part]) -> tuple[str, ...]:
    """Instances that the base branch has changed since the branch began: a plan of this head would undo that."""
    if ground.sides.base == ground.sides.fork_point:
        return ()
    known = frozenset(ground.began.repository.forgiving().all_instances)
    found = []
    for one in (part for part in parts if part.asks):
        key = InstanceKey.parse(one.instance)
        if one.inputs.base != (content_of(ground.began, key) if key in known else ""):
            found.append(one.instance)
    return tuple(found)


def _part(planned: Planned, inputs: Inputs) -> Part:
    digest = planned.seen.normal.digest if planned.seen else ""
    return Part(str(planned.instance.key), planned.status, digest, inputs)


def _normal(checkout: Checkout, planned: Sequence[Planned]) -> NormalForm:
    key = checkout.workplace.key
    parts = {each: changes for one in planned if one.seen for each, changes in one.seen.normal.parts.items()}
    return NormalForm(dict(sorted(parts.items())), key.id, key)


def _inputs(ground: Ground, instances: Sequence[Instance]) -> dict[InstanceKey, Inputs]:
    """What each is made of, before it is planned: what changes after that is none of what was reviewed."""
    checkout = ground.checkout
    readings = states_before_plan(checkout.ground, instances, checkout.tell, look_elsewhere=False)
    found = inputs_as_written(ground, [one.key for one in instances])
    return {key: replace(inputs, state=as_input(readings[key].state)) for key, inputs in found.items()}


def as_input(state: State | None) -> str:
    """What `Inputs` say of a state."""
    return f"{state.lineage} {state.serial}" if state else ""


def inputs_as_written(ground: Ground, keys: Iterable[InstanceKey]) -> dict[InstanceKey, Inputs]:
    """What each is made of, but for its state: nothing of it is run to find that out."""
    before, rules = ground.files.base, ground.files.rules_digest
    known = frozenset(before.repository.forgiving().all_instances)
    written = list(ground.written.repository.forgiving().built(keys := list(keys)))
    touched = canonical.digest(content_touched(ground, written))
    return {
        one: Inputs(
            content_of(before, one) if one in known else "", content_of(ground.written, one), "", rules, touched
        )
        for one in keys
    }


def affected_as_written(ground: Ground) -> list[InstanceKey]:
    """What the pull request changes of the configuration as it is written."""
    found = affected(ground.written.repository.forgiving(), ground.began.repository.forgiving(), ground.changed)
    return [one.key for one in found if not one.deleted]


def _gone(checkout: Checkout, found: Iterable[Affected]) -> Iterable[Gone]:
    """Instances that only the base has, and what their states still hold."""
    for one in found:
        if not one.deleted or not usable(one.instance):
            continue
        try:
            state = checkout.outputs(one.instance).state(one.instance)
        except GaiaError:
            yield Gone(str(one.key), None)
        else:
            yield Gone(str(one.key), len(state.resources) if state else 0)


def _drawing(repository: Repository, instances: Sequence[Instance], found: Sequence[Affected]) -> str:
    """Mermaid of the instances that are planned, in their order; nothing for one alone."""
    from gaia.graph.picture import picture
    from gaia.graph.text import as_mermaid

    if len(instances) < 2:
        return ""
    marks: Mapping[InstanceKey, str] = {one.key: "changed" for one in found if not one.deleted}
    return as_mermaid(picture(instances, stack=None, exists=repository.instances, marks=marks))  # type: ignore[arg-type]
