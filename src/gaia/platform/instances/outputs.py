"""Outputs of instances, read from their state: what `!terraform.state` references stand for."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from gaia.errors import GaiaError, Invalid, NotFound
from gaia.stacks.model import HOLDERS, RESOLVED, Reference, Unknown, holders, written
from gaia.stacks.ports import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gaia.kit.redact import Redactor
    from gaia.platform.snapshot import Snapshot
    from gaia.platform.workplace import Workplace
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository
    from gaia.states.reading import Ground, Reader
    from gaia.terraform.command import Terraform
    from gaia.terraform.schemas import Schemas
    from gaia.terraform.state import State
    from gaia.terraform.values import Path as ValuePath
    from gaia.terraform.workdir import WorkingDirectory


class Outputs:
    """States of instances at one commit, each read at most once."""

    def __init__(self, workplace: Workplace, snapshot: Snapshot, terraform: Callable[[], Terraform]) -> None:
        self._workplace = workplace
        self._snapshot = snapshot
        self._terraform = terraform
        self._states: dict[str, State | None] = {}
        self._schemas: dict[str, Schemas] = {}

    def state(self, instance: Instance) -> State | None:
        """The state of an instance as its backend has it now; None when it was never applied.

        An object is read without terraform where it can be: `state pull` makes an empty one where there is none and
        locks it for that, and who is killed meanwhile leaves the lock behind.
        """
        from gaia.states.places import ObjectPlace

        key = str(instance.key)
        if key not in self._states:
            place = self._reader.place(instance)
            is_object = isinstance(place, ObjectPlace)
            self._states[key] = self._reader.state(instance, place) if is_object else self._pull(instance)
        return self._states[key]

    def remember(self, instance: Instance) -> None:
        """After a change: note which state the instance has now, where that is read without terraform.

        What cannot be read or written now is not noted: it is for a guard of later plans, and undoes nothing.
        """
        from gaia.states.lineages import lineages_of, remember_state

        with suppress(GaiaError):
            place = self._reader.place(instance)
            if self._reader.without_terraform(instance, place):
                state = self._reader.state(instance, place)
                remember_state(lineages_of(self._workplace.folder), instance.key, place, state)

    def forget(self, instance: Instance) -> None:
        """Before a destruction: its state may be gone from now on, also where it is killed."""
        from gaia.states.lineages import lineages_of, remember_state

        place = self._reader.place(instance)
        remember_state(lineages_of(self._workplace.folder), instance.key, place, None)

    @cached_property
    def _reader(self) -> Reader:
        from gaia.states.reading import Reader

        redact = self._terraform().redact
        return Reader(ground_of(self._workplace, self._snapshot, lambda _: self._terraform(), self._pull, redact))

    def _pull(self, instance: Instance) -> State | None:
        with self._directory(instance) as directory:
            return self._terraform().state_pull(directory)

    def is_set(self, key: InstanceKey, resource: str, path: ValuePath) -> bool:
        """Whether there is a set in resources of a type, as the instance's providers say; they are asked once."""
        name = str(key)
        if name not in self._schemas:
            instance = self._snapshot.repository.instance(key.component, key.stack)
            with self._directory(instance) as directory:
                self._schemas[name] = self._terraform().schemas(directory)
        return self._schemas[name].is_set(resource, path)

    @contextmanager
    def _directory(self, instance: Instance) -> Iterator[WorkingDirectory]:
        """Where to read: the instance's own folder, initialised for what follows, or another while that is in use.

        Many read what they share, a network's outputs say, and while it is being changed too.
        """
        from gaia.terraform.workdir import alone_if_free, alone_in

        own, other = (working_folder(self._workplace, instance, use) for use in ("work", "read"))
        with alone_if_free(own) as free:
            if free:
                with self.prepared(own, instance, {}) as directory:
                    yield directory
                return
        with alone_in(other), self.prepared(other, instance, {}) as directory:
            yield directory

    @contextmanager
    def prepared(self, folder: Path, instance: Instance, variables: Mapping[str, object]) -> Iterator[WorkingDirectory]:
        """The instance's working directory in a folder that the caller is alone in, made ready for any command.

        What holds values in clear is gone at the end, however that comes.
        """
        from gaia.terraform.workdir import forget, prepare

        directory = prepare(
            folder,
            tree_source=self._snapshot.tree,
            instance=instance,
            variables=variables,
            components=self._snapshot.components,
            states=self._workplace.states,
            copying=self._snapshot.copying(instance),
            backends=self._snapshot.backends,
        )
        try:
            self._terraform().init(directory)
            yield directory
        finally:
            forget(directory)

    def exists(self, instance: Instance) -> bool:
        """Whether the instance's state holds any resource."""
        state = self.state(instance)
        return state is not None and not state.empty

    def value(self, reference: Reference) -> object:
        """What a reference stands for.

        Raises:
            NotFound: `output-missing` with the place of the reference, when the instance does not have it (yet);
                `component-unknown`, `stack-unknown`.
            Invalid: `yq-expression` or `not-supported`, for an expression that is more than a path.
        """
        from gaia.terraform.wiring import parse_wiring

        state = self.state(self._snapshot.repository.instance(reference.component, reference.stack))
        outputs = state.output_values if state else {}
        wiring = parse_wiring(reference.expression)
        value = wiring.evaluate(outputs) if wiring is not None else _evaluated(reference, outputs)
        if value is None:
            raise NotFound(
                "output-missing",
                f"{reference.stack}/{reference.component} has no output {reference.expression!r}",
                next_step="Apply that instance first, or correct the reference.",
                at=reference.at,
            )
        return value

    def variables(self, instance: Instance, *, destroy: bool = False) -> dict[str, object]:
        """The instance's variables with every reference replaced by its value.

        For a destruction a value that is gone is null: nothing needs it any more.
        """

        def look_up(reference: Reference | Unknown) -> object:
            if isinstance(reference, Unknown):
                if destroy:
                    return None
                raise self._unknown(instance, reference)
            try:
                return self.value(reference)
            except NotFound:
                if destroy:
                    return None
                raise

        return {name: _replaced(value, look_up) for name, value in self.settled(instance, destroy=destroy).vars.items()}

    def settled(self, instance: Instance, *, destroy: bool = False) -> Instance:
        """The instance with the templates rendered that read outputs, as far as those are there.

        Of these sections only: where the state is, its backend, cannot depend on what states say.
        """
        sections = {name: getattr(instance, name) for name in ("vars", "env", "providers")}
        if not any(isinstance(one, Unknown) and one.needs for one in holders(sections)):
            return instance
        again = self._knowing.instance(instance.key.component, instance.key.stack, instance.kind)
        found = {name: getattr(again, name) for name in sections}
        for holder in _gone(sections, found):
            if destroy:
                return instance
            raise self._missing(instance, holder)
        return replace(instance, **found)

    def known(self, instance: Instance) -> Instance:
        """The instance with everything in it that outputs give, as far as those are there."""
        if not any(holders([getattr(instance, name) for name in RESOLVED])):
            return instance
        return self._knowing.instance(instance.key.component, instance.key.stack, instance.kind)

    @cached_property
    def _knowing(self) -> Repository:
        def answer(reference: Reference) -> object:
            try:
                if reference.expression != ".":
                    return self.value(reference)
                state = self.state(self._snapshot.repository.instance(reference.component, reference.stack))
            except NotFound:
                raise Unanswered(needs=(reference,)) from None
            if state is None or not state.outputs:
                raise Unanswered(needs=(reference,))
            return state.output_values

        return self._snapshot.repository.resolving(answer)

    def _missing(self, instance: Instance, holder: Unknown) -> NotFound:
        return NotFound(
            "output-missing",
            f"{instance.key} reads an output that is not there: {holder.text}",
            next_step="Correct the output's name, apply that instance first, or give a default.",
            at=holder.at,
        )

    def _unknown(self, instance: Instance, holder: Unknown) -> Invalid:
        return Invalid(
            "value-unresolved",
            f"a value of {instance.key} is not known: {holder.text}",
            next_step="Apply first what it reads, or write the value out.",
            at=holder.at,
        )


def _evaluated(reference: Reference, outputs: Mapping[str, object]) -> object:
    """What the expression of a reference gives of the outputs, by the rules of yq."""
    from gaia.golang import yq

    try:
        return yq.evaluate(reference.expression, outputs)
    except Invalid as error:
        error.at = reference.at
        raise


def ground_of(
    workplace: Workplace,
    snapshot: Snapshot,
    terraform: Callable[[Instance], Terraform],
    pull: Callable[[Instance], State | None],
    redact: Redactor,
) -> Ground:
    """What the guards of states are asked with; `pull` has terraform read one."""
    from gaia.states.lineages import lineages_of
    from gaia.states.reading import Ground

    return Ground(
        snapshot.repository,
        snapshot.backends,
        snapshot.tree / snapshot.components,
        workplace.states,
        lineages_of(workplace.folder),
        terraform,
        pull,
        redact,
    )


def working_folder(workplace: Workplace, instance: Instance, use: Literal["work", "plan", "read"]) -> Path:
    """The folder of a working directory of the instance.

    `work` is its own, for operations; `plan` is for those who look without a request; in `read` its state is read while
    `work` is in use.
    """
    return workplace.folder / use / instance.key.folder


def _gone(old: object, new: object) -> Iterator[Unknown]:
    """Templates that were rendered around what is not there: their text says so, and is nobody's value."""
    if isinstance(old, Unknown):
        if "<no value>" in str(written(new)):
            yield old
    elif isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            yield from _gone(value, new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for value, its in zip(old, new, strict=False):
            yield from _gone(value, its)


def _replaced(value: object, look_up: Callable[[Reference | Unknown], object]) -> object:
    if isinstance(value, HOLDERS):
        return look_up(value)
    if isinstance(value, dict):
        return {name: _replaced(child, look_up) for name, child in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(child, look_up) for child in value]
    return value
