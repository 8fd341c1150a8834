"""Planning the instances of a request: those that one commit defines together, what is destroyed by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.kit import telemetry
from gaia.platform.instances.apply_instance import WAITS_FOR_SLOT
from gaia.platform.instances.definitions import Definitions, unpublished
from gaia.platform.instances.outputs import Outputs, ground_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.platform.context import RunContext
    from gaia.platform.instances.definitions import Part
    from gaia.platform.snapshot import Snapshot
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.events import Event
    from gaia.terraform.preview import Preview

_READERS = 3
"""States read at once; the first read of an instance starts terraform three times."""


def plan_together(context: RunContext, parts: Sequence[Part], terraform: Terraform) -> Preview:
    """The preview of all parts of a request.

    Raises:
        Conflict: `not-previewable`.
    """
    from gaia.operations.survivors import end_survivors

    end_survivors(folder_of(context))  # of an attempt that was killed: a provider does not end with its terraform
    with context.platform.slots.take(lambda: context.say(WAITS_FOR_SLOT), terraform.check_interrupt):
        made = _joined([_planned(context, part, terraform) for part in parts])
    _refuse_unseen(made)
    return made


def folder_of(context: RunContext) -> Path:
    """Where a run's preview is made."""
    return context.platform.folder / "preview" / context.run.id


def defined(context: RunContext, commit: str, base: str = "") -> Definitions:
    """Where the instances of the request are defined; `base` is the request's own if it is not given."""
    return Definitions(context.platform, context.request, commit, base or str(context.request.base))


def _planned(context: RunContext, part: Part, terraform: Terraform) -> Preview:
    """The preview of instances that one commit defines, and that are all made or all destroyed."""
    from gaia.states.survey import check_reachable, check_state_places
    from gaia.terraform.combine import module_names
    from gaia.terraform.preview import preview

    snapshot, chosen = part.snapshot, part.instances
    outputs = Outputs(context.platform.workplace, snapshot, lambda: terraform)
    with ThreadPoolExecutor(_READERS) as readers:  # each is a process of its own that mostly waits
        states = list(readers.map(telemetry.carried(outputs.state), chosen))
    if not part.destroy:
        ground = ground_of(context.platform.workplace, snapshot, lambda _: terraform, outputs.state, context.redact)
        tell = partial(context.say, level="warn")
        check_state_places(ground, chosen, tell, partial(_unpublished, context, snapshot))
        if context.platform.shared:
            check_reachable(ground, chosen)
    names = module_names(instance.key for instance in chosen)
    return preview(
        terraform,
        folder=folder_of(context),
        tree=snapshot.tree,
        instances=[outputs.settled(one, destroy=part.destroy) for one in chosen],
        states=dict(zip((instance.key for instance in chosen), states, strict=True)),
        outside=outputs.value,
        destroy=part.destroy,
        components=snapshot.components,
        on_event=partial(_tell, context, {f"module.{name}.": str(key) for key, name in names.items()}),
    )


def _joined(made: Sequence[Preview]) -> Preview:
    """Previews that were made one after the other, as one."""
    first, *others = made
    for other in others:
        first = replace(
            first,
            parts={**first.parts, **other.parts},
            alone=(*first.alone, *other.alone),
            not_previewable=(*first.not_previewable, *other.not_previewable),
            provider_starts=first.provider_starts + other.provider_starts,
        )
    return first


def _unpublished(context: RunContext, snapshot: Snapshot) -> Iterator[Instance]:
    """Instances of other live services that this commit does not have (yet), and those that leave it by a change."""
    request = context.request
    here = frozenset(map(str, snapshot.repository.instances))
    yield from unpublished(context.platform, here, but=(request.stack, request.service))
    definitions = defined(context, snapshot.commit)
    yield from (definitions.instance(key) for key in request.leaving)


def _refuse_unseen(made: Preview) -> None:
    """What is left out of a preview would be applied without anybody having seen it."""
    if not made.not_previewable:
        return
    why = [f"{key} cannot be previewed: {reason}" for key, reason in made.not_previewable]
    why += [f"{key} could not be previewed together with the others: {reason}" for key, reason in made.alone]
    raise Conflict(
        "not-previewable",
        f"nobody could see all of what they approve: {'; '.join(why)}",
        next_step="Apply first what it needs (by a request of its own if this one makes it), then ask again.",
        facts={"instances": [str(key) for key, _ in made.not_previewable]},
    )


def _tell(context: RunContext, instances: Mapping[str, str], event: Event) -> None:
    """A planned change of the combined root, as its instance names it; reading data sources is not news."""
    if event.action == "read" or event.kind not in ("planned", "diagnostic"):
        return
    prefix = next((each for each in instances if event.address.startswith(each)), "")
    shown = {**event.as_json(), "address": event.address.removeprefix(prefix)}
    context.say(event.summary.replace(prefix, ""), instance=instances.get(prefix), event=shown)
