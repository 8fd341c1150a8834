"""`gaia adopt --check`: what of a repository reads, plans empty, drifts, has no state, or is refused, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gaia.checkout.together import Planner, Unresolved, member_of
from gaia.errors import GaiaError, Invalid
from gaia.kit import clock
from gaia.kit.files import exclusive
from gaia.kit.shapes import as_map
from gaia.platform.home.registration import being_adopted
from gaia.stacks.model import InstanceKey
from gaia.states.lineages import check_lineage, lineages_of
from gaia.states.reading import Reader
from gaia.states.survey import survey, usable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.together import Member
    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository
    from gaia.states.reading import Reading
    from gaia.states.survey import Survey
    from gaia.terraform.plan import Plan, ResourceChange
    from gaia.terraform.state import State

Status = Literal["empty", "differs", "drifts", "no state", "refused"]
"""`empty`: its plan does nothing. `drifts`: its plan only takes back what was changed outside of terraform."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a plan would do to one resource."""

    address: str
    action: str
    attributes: tuple[str, ...] = ()
    """Names of those that would change; their values are not shown, for they may be secrets."""
    drift: bool = False
    """Whether it was changed outside of terraform."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        names = list(self.attributes)
        return {"address": self.address, "action": self.action, "attributes": names, "drift": self.drift}


@dataclass(frozen=True, slots=True)
class Checked:
    """One instance."""

    key: InstanceKey
    status: Status
    place: str
    """Where its state lies, or is looked for."""
    state: State | None = field(default=None, repr=False)
    differences: tuple[Difference, ...] = ()
    code: str = ""
    reason: str = ""
    next_step: str = ""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "instance": str(self.key),
            "status": self.status,
            "state": self.place or None,
            "resources": len(self.state.resources) if self.state else None,
            "differences": [one.as_json() for one in self.differences],
            "code": self.code or None,
            "reason": self.reason or None,
            "next_step": self.next_step or None,
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Of all instances that terraform can be run on, by key."""

    root: str
    commit: str
    uncommitted: int
    instances: tuple[Checked, ...]
    unclaimed: tuple[str, ...] = ()
    """Where states lie that no instance claims."""
    unread: int = 0
    """How many of those were not looked into, though they may be of an instance without a state."""
    unlisted: tuple[str, ...] = ()
    """Where states that lie elsewhere were not looked for, or not for all, and why."""
    left_out: int = 0
    """Instances that are abstract, disabled, or of another type."""
    plans: int = 0
    """How many times terraform planned."""
    began: datetime | None = None
    """When the first state was read: what ended later may have changed any of them."""

    @property
    def fine(self) -> bool:
        """Whether all that has a state plans empty, and nothing is refused."""
        return all(one.status in ("empty", "no state") for one in self.instances)

    @property
    def counts(self) -> dict[str, int]:
        """Instances by status."""
        found = Counter(one.status for one in self.instances)
        statuses: tuple[Status, ...] = ("empty", "differs", "drifts", "no state", "refused")
        return {status: found[status] for status in statuses}

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "repository": self.root,
            "commit": self.commit or None,
            "uncommitted": self.uncommitted,
            "fine": self.fine,
            "counts": self.counts,
            "plans": self.plans,
            "left_out": self.left_out,
            "instances": [one.as_json() for one in self.instances],
            "unclaimed": list(self.unclaimed),
            "unread": self.unread,
            "unlisted": list(self.unlisted),
        }


class Progress:
    """What is told while it goes on; does nothing by itself."""

    def begin(self, words: str, total: int) -> None:
        """A part of the work begins."""

    def advance(self, number: int) -> None:
        """So many are done."""

    def say(self, words: str) -> None:
        """What is done now."""


def check(checkout: Checkout, progress: Progress | None = None) -> CheckReport:
    """Read every state, compare places, and plan what has a state. Nothing is changed and no state is locked.

    Raises:
        Conflict: `interrupted`; `adopt-running` where another process does it. Unavailable: no terraform, no provider.
    """
    with exclusive(checkout.workplace.folder / "adopt.lock") as mine:
        if not mine:
            raise being_adopted(str(checkout.root))
        return _check(checkout, progress or Progress())


def _check(checkout: Checkout, progress: Progress) -> CheckReport:
    began = clock.now()
    repository = checkout.files.repository.forgiving()
    everybody = list(repository.built(repository.instances))
    instances = sorted((one for one in everybody if usable(one)), key=lambda one: one.key)
    reader = Reader(checkout.ground)
    progress.begin("reading states", len(instances))
    found = survey(reader, instances, on_read=lambda: progress.advance(1))
    refused, members = _sorted(checkout, instances, found)
    progress.begin("planning", len(members))
    planner = Planner(checkout, progress.say, progress.advance)
    planner.run(members)
    made = {
        one.key: refused.get(one.key) or _planned(one, found.readings[one.key], planner.parts, planner.errors)
        for one in instances
    } | {one.key: one for one in _unbuilt(repository)}
    return CheckReport(
        str(checkout.root),
        checkout.revision.commit,
        checkout.revision.uncommitted,
        tuple(made[key] for key in sorted(made)),
        tuple(map(str, found.unclaimed)),
        found.unread,
        found.unlisted,
        len(everybody) - len(instances),
        planner.plans,
        began=began,
    )


def _sorted(
    checkout: Checkout, instances: Sequence[Instance], found: Survey
) -> tuple[dict[InstanceKey, Checked], list[Member]]:
    """What is refused or has no state, and what is to be planned."""
    refused: dict[InstanceKey, Checked] = {}
    members: list[Member] = []
    twice = {one.key: one for one in reversed(found.misplaced)}  # the nearest of several is named
    lineages = lineages_of(checkout.workplace.folder)
    states = {key: reading.state for key, reading in found.readings.items()}
    for instance in instances:
        reading = found.readings[instance.key]
        try:
            if instance.key in twice:
                raise twice[instance.key].error()
            if reading.error is not None:
                raise reading.error
            check_lineage(lineages, instance.key, reading.place, reading.state)
            if reading.state is None or reading.state.empty:
                refused[instance.key] = Checked(instance.key, "no state", str(reading.place), reading.state)
                continue
            checkout.check_rules(instance)
            checkout.check_account(instance)
            members.append(member_of(instance, reading.state, states, checkout.home_of(instance)))
        except Unresolved as error:
            why = Invalid("value-unresolved", str(error), next_step="Give it a value, or apply first what it needs.")
            refused[instance.key] = _refused(instance, reading, why)
        except GaiaError as error:
            refused[instance.key] = _refused(instance, reading, error)
    return refused, members


def _unbuilt(repository: Repository) -> Iterator[Checked]:
    """What cannot be built has no place of a state either; for one that has no stack its manifest is named."""
    for one in repository.failures or ():
        key, error = InstanceKey(one.where, one.component), one.error
        where = f"{error.at}: " if error.at else ""
        yield Checked(
            key, "refused", "", code=error.code, reason=where + error.message, next_step=error.next_step or ""
        )


def _refused(instance: Instance, reading: Reading, error: GaiaError) -> Checked:
    return Checked(
        instance.key,
        "refused",
        str(reading.place),
        reading.state,
        code=error.code,
        reason=error.message,
        next_step=error.next_step or "",
    )


def _planned(
    instance: Instance, reading: Reading, parts: Mapping[InstanceKey, Plan], errors: Mapping[InstanceKey, GaiaError]
) -> Checked:
    if (error := errors.get(instance.key)) is not None:
        return _refused(instance, reading, error)
    return judged(instance.key, str(reading.place), reading.state, parts[instance.key])


def judged(key: InstanceKey, place: str, state: State | None, plan: Plan) -> Checked:
    """What a plan says of an instance. Pure."""
    outside = {one.address for one in plan.drift}
    differences = tuple(
        # What the code has no more is deleted whatever was changed in it.
        Difference(one.address, _action(one), _attributes(one), one.address in outside and one.action != "delete")
        for one in plan.changes
    )
    status: Status = "empty" if not differences else "drifts" if all(one.drift for one in differences) else "differs"
    return Checked(key, status, place, state, differences)


def _action(change: ResourceChange) -> str:
    if change.import_id is not None and change.action == "no-op":
        return "import"
    moved = change.previous_address is not None and change.previous_address != change.address
    return "move" if moved and change.action == "no-op" else change.action


def _attributes(change: ResourceChange) -> tuple[str, ...]:
    """Names of the attributes that differ, of what stays."""
    before, after = change.before, change.after
    if change.action not in ("update", "replace") or not isinstance(before, dict) or not isinstance(after, dict):
        return ()
    unknown = as_map(change.after_unknown)
    names = before.keys() | after.keys() | {name for name, mark in unknown.items() if mark}
    return tuple(sorted(name for name in names if before.get(name) != after.get(name) or unknown.get(name)))
