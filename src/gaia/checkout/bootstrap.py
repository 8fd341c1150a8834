"""An account that is empty: the bucket of a stack's states is made by an instance whose own state belongs into it.

That instance, and what it needs, is applied with its state on this machine (`first_states`); then its state is written
into the bucket. Nothing is remembered of how far that came: whoever goes on looks whether the bucket is there, which
instances were begun, and where their states are.

Which instance makes the bucket is no matter of names: its code has a bucket, and its plan makes the one that the
backend names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from gaia.checkout import first_states
from gaia.checkout.batch import Batch
from gaia.checkout.change import Change
from gaia.checkout.command import Command
from gaia.checkout.opened_state import OpenedState
from gaia.checkout.words import Words
from gaia.errors import Conflict, GaiaError, Invalid, NotFound, ToolFailed, Unavailable
from gaia.graph.order import needed, order
from gaia.states.places import ObjectPlace
from gaia.states.reading import Reader, parsed
from gaia.states.survey import usable
from gaia.terraform import generated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.states.places import Bucket
    from gaia.terraform.plan import Plan
    from gaia.terraform.state import State

Status = Literal["there", "missing", "begun"]
BUCKET = "aws_s3_bucket"
"""What makes a bucket, in the AWS provider."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a bucket of states."""

    bucket: Bucket
    status: Status
    """`begun`: something of it may be there, or all of it but the states."""
    instances: tuple[Instance, ...] = ()
    """What has to be made for it to be there, in this order; of one that is begun, what was."""


class Bootstrap:
    """The places of the states of a stack of a checkout."""

    def __init__(self, checkout: Checkout, stack: str) -> None:
        self.home, self.stack = checkout.workplace.folder, stack
        self._everywhere = checkout
        self.checkout = replace(checkout, files=first_states.FirstFiles.over(checkout.files, self.home))

    # --- looking ---------------------------------------------------------------------------------------------------

    @cached_property
    def buckets(self) -> tuple[Bucket, ...]:
        """Those that the stack's states lie in.

        Raises:
            NotFound: `stack-unknown`. Invalid: `bootstrap-none` where they lie in none.
        """
        if self.stack not in self._everywhere.files.repository.stacks:
            from gaia.graph.analyzer import unknown_stack

            raise unknown_stack(self.stack, self._everywhere.files.repository)
        found = [place.bucket for key, place in self._places.items() if key.stack == self.stack]
        if not found:
            raise Invalid(
                "bootstrap-none",
                f"no instance of {self.stack} has its state in a bucket, so there is none to be made",
                next_step="Apply what the stack has; or give it a backend s3, and bootstrap that.",
            )
        return tuple(dict.fromkeys(found))

    @cached_property
    def _instances(self) -> Mapping[InstanceKey, Instance]:
        """Of the whole repository: another stack's may make the bucket."""
        repository = self._everywhere.files.repository.forgiving()
        return {one.key: one for one in repository.built(repository.instances) if usable(one)}

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._everywhere.ground)

    @cached_property
    def _places(self) -> Mapping[InstanceKey, ObjectPlace]:
        places = ((key, self._reader.place(one)) for key, one in self._instances.items())
        return {key: place for key, place in places if isinstance(place, ObjectPlace)}

    def look(self, bucket: Bucket) -> Standing:
        """How it stands with one of them. Instances are planned where the code alone does not say which makes it.

        Raises:
            Refused: `state-refused`. Unavailable: `bucket-unknown`, `aws-unreachable`.
            NotFound: `bootstrap-maker` where no instance makes it. Conflict: `bootstrap-makers`, `bootstrap-waits`.
        """
        begun = [key for key in self._inside(bucket) if first_states.is_begun(self.home, key)]
        if self._exists(bucket):
            return Standing(bucket, "begun" if begun else "there", self._ordered(begun))
        maker = self._maker(bucket)
        made = self._ordered({*begun, *self._needs(maker, bucket)})
        return Standing(bucket, "begun" if begun else "missing", made)

    def _inside(self, bucket: Bucket) -> list[InstanceKey]:
        return [key for key, place in self._places.items() if place.bucket.name == bucket.name]

    def _exists(self, bucket: Bucket) -> bool:
        return exists(self._reader, self._instances[self._inside(bucket)[0]], bucket)

    def _ordered(self, keys: Collection[InstanceKey]) -> tuple[Instance, ...]:
        found = [self._instances[key] for key in keys]
        return tuple(self._instances[key] for level in order(found) for key in level)

    def _needs(self, maker: Instance, bucket: Bucket) -> set[InstanceKey]:
        """What has to be made for the bucket to be: whose state belongs elsewhere is made in the usual way."""
        needs, inside = needed(self._instances.values()), set(self._inside(bucket))
        reached, left = {maker.key}, [maker.key]
        while left:
            for key in needs[left.pop()] - reached:
                if key in inside:
                    reached.add(key)
                    left.append(key)
        return reached

    def _maker(self, bucket: Bucket) -> Instance:
        """The instance whose plan makes the bucket; one that a variable gives its name is taken at its word until
        it is planned anyway (see `check_makes`)."""
        candidates = list(self._candidates(bucket))
        named = [one for one in candidates if bucket.name in one.vars.values()]
        if len(named) == 1:
            return named[0]
        if named:
            names = [str(one.key) for one in named]
            raise Conflict(
                "bootstrap-makers",
                f"{len(names)} instances could make the bucket {bucket.name}: {', '.join(names)}",
                next_step="Give the name to one of them alone.",
                facts={"instances": names},
            )
        unseen: list[str] = []
        for one in candidates:
            local = [first_states.local(self.home, each) for each in self._ordered(self._needs(one, bucket))]
            *_, planned = Batch(self.checkout, local).plan()  # with what it needs, whose outputs are not known yet
            if planned.seen is None:
                unseen.append(f"{one.key} ({planned.error.message if planned.error else planned.waits})")
            elif makes(planned.seen.plan, bucket):
                return one
        more = f"; not known of {', '.join(unseen[:_SHOWN])}" if unseen else ""
        raise NotFound(
            "bootstrap-maker",
            f"no instance whose state belongs into the bucket {bucket.name} makes it{more}",
            next_step="Make the bucket by hand, or correct its name in the backend or in the instance that makes it.",
            facts={"bucket": bucket.name, "unseen": unseen},
        )

    def _candidates(self, bucket: Bucket) -> Iterator[Instance]:
        """Instances with a bucket in their code, those of the stack first."""
        for key in sorted(self._inside(bucket), key=lambda one: (one.stack != self.stack, one)):
            instance = self._instances[key]
            code = self._reader.code.makes(self._reader.home_of(instance))
            if code.modules or any(f".{one}".rpartition(".")[0].endswith(f".{BUCKET}") for one in code.resources):
                yield instance

    # --- making ----------------------------------------------------------------------------------------------------

    def change(self, instance: Instance) -> Change:
        """Its application with the state on this machine."""
        local = first_states.local(self.home, instance)
        words = Words("apply", component=instance.key.component, stack=instance.key.stack)
        override = generated.backend("local", local.backend, local.workspace)
        return Change(self.checkout, local, words, destroy=False, extra={"backend_override.tf.json": override})

    def begin(self, instance: Instance) -> None:
        """Before it is applied.

        Raises:
            Unavailable: `disk-full`, `file-not-writable`.
        """
        self.checkout.records.note(instance, "bootstrap")
        first_states.begin(self.home, instance.key)

    def give_up(self, instance: Instance) -> None:
        """After one that was refused before anything was made: nothing has to be gone on with."""
        if not self._mine(instance) and not self.change(instance).goes_on:
            first_states.end(self.home, instance.key)

    def is_handed_over(self, instance: Instance) -> bool:
        """Whether its state is in the bucket, so that nothing is left to be applied here."""
        theirs, mine = self._theirs(instance), self._mine(instance)
        return _holds(theirs) and (not _holds(mine) or _goes_on(theirs, mine))

    def hand_over(self, instance: Instance) -> None:
        """Write its state into the bucket, if it is not there yet, read it there, and forget it here.

        Raises:
            Conflict: `bootstrap-taken`, `state-locked`, `operation-running`. ToolFailed: `terraform-failed`,
                `bootstrap-lost`.
        """
        self.checkout.hold(instance, "move")
        try:
            mine, theirs = self._mine(instance), self._theirs(instance)
            if mine is not None and _holds(mine) and not _goes_on(theirs, mine):
                self._push(instance, mine, theirs)
            self.checkout.outputs(instance).remember(instance)
            first_states.end(self.home, instance.key)
        finally:
            self.checkout.held.let_go(instance.key)

    def _push(self, instance: Instance, mine: State, theirs: State | None) -> None:
        place = self._places[instance.key]
        if theirs is not None and _holds(theirs) and theirs.lineage != mine.lineage:
            raise Conflict(
                "bootstrap-taken",
                f"the state of {instance.key} does not go to {place}: another one lies there, of lineage "
                f"{theirs.lineage} and not {mine.lineage}",
                next_step=f"Look what both hold; this one is {first_states.place_of(self.home, instance)}. Take the "
                "wrong one out of the way.",
                facts={"here": mine.lineage, "there": theirs.lineage},
            )
        with Command(self._everywhere, Words("state", "pull"), instance).opened() as directory:
            OpenedState(self._everywhere.terraform(instance), directory).push(dict(mine.raw))
        if not _goes_on(self._theirs(instance), mine):
            raise ToolFailed(
                "bootstrap-lost",
                f"terraform wrote the state of {instance.key} to {place}, and it is not there",
                next_step="It is still on this machine. Look at the bucket and at its endpoint, then go on.",
            )

    def _mine(self, instance: Instance) -> State | None:
        place = first_states.place_of(self.home, instance)
        return parsed(place.path.read_bytes(), place) if place.path.is_file() else None

    def _theirs(self, instance: Instance) -> State | None:
        try:
            return self._reader.state(instance, self._places[instance.key])
        except GaiaError as error:
            if error.code != "bucket-missing":
                raise
            return None


def exists(reader: Reader, instance: Instance, bucket: Bucket) -> bool:
    """Whether a bucket is there, asked as the backend of an instance reaches it.

    Raises:
        Unavailable: `bucket-unknown`, `aws-unreachable`. Refused: `state-refused`. ToolFailed: `state-unreadable`.
    """
    buckets = reader.buckets(instance)
    if buckets.credentials(bucket) is None:
        raise Unavailable(
            "bucket-unknown",
            f"only terraform finds the credentials for s3://{bucket.name}, so whether it is there is not known",
            next_step="Sign in so that the AWS command line could list it, or name a profile in AWS_PROFILE.",
        )
    try:
        buckets.keys(bucket, 1)
    except Unavailable as error:
        if error.code != "bucket-missing":
            raise
        return False
    return True


def _holds(state: State | None) -> bool:
    return state is not None and not state.empty


def _goes_on(theirs: State | None, mine: State | None) -> bool:
    """Whether the state in the bucket is this one, or one that came of it."""
    return theirs is not None and mine is not None and theirs.lineage == mine.lineage and theirs.serial >= mine.serial


def makes(plan: Plan, bucket: Bucket) -> bool:
    """Whether a plan makes a bucket, or finds it made. Pure."""
    for one in plan.resources:
        after = one.after if isinstance(one.after, dict) else {}
        if one.type == BUCKET and one.mode == "managed" and after.get("bucket") == bucket.name:
            return True
    return False


def check_makes(plan: Plan, instance: Instance, bucket: Bucket) -> None:
    """Raise where the plan of the last of the instances does not make the bucket after all.

    Raises:
        NotFound: `bootstrap-maker`.
    """
    if not makes(plan, bucket):
        raise NotFound(
            "bootstrap-maker",
            f"{instance.key} names the bucket {bucket.name} and does not make it",
            next_step="Make the bucket by hand, or correct its name in the backend or in the instance that makes it.",
            facts={"bucket": bucket.name},
        )
