"""Many instances of a checkout at once: planned together where they can be, applied side by side.

What somebody has seen is what is applied: each instance's own plan has to refine what the combined one said of it, as
on the platform. What depends on something that is not made yet is seen with its unknowns.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from gaia.checkout.batch_model import Ended, EndStatus, Listener, Planned
from gaia.checkout.change import Change
from gaia.checkout.together import CONFIGURATIONS, Planner, Unresolved, member_of
from gaia.checkout.words import Words
from gaia.errors import Conflict, GaiaError, NotFound
from gaia.graph.order import needed
from gaia.kit.files import exclusive, write_failed
from gaia.operations.batch import side_by_side
from gaia.operations.instance import Outcome
from gaia.operations.survivors import end_survivors
from gaia.stacks.model import InstanceKey
from gaia.states.survey import states_before_plan
from gaia.terraform.fingerprints import fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.together import Member
    from gaia.operations.model import Log
    from gaia.stacks.model import Instance
    from gaia.states.reading import Reading
    from gaia.terraform.plan import Plan
    from gaia.terraform.state import State


_NO_TOOL = frozenset(("terraform-missing", "terraform-too-old"))


class Batch:
    """Some instances of one checkout, in the order of their dependencies."""

    def __init__(
        self,
        checkout: Checkout,
        instances: Sequence[Instance],
        *,
        destroy: bool = False,
        parallel: int | None = None,
        listener: Listener | None = None,
    ) -> None:
        place = checkout.workplace
        if parallel is not None:
            place = replace(place, slots=replace(place.slots, count=parallel))
        self.checkout = replace(checkout, workplace=place)
        self.instances = tuple(instances)
        self.destroy = destroy
        self.broken: GaiaError | None = None
        """Why it was broken off, where what has ended could not be written down."""
        self._listener = listener or Listener()
        self._parallel = parallel or place.slots.count
        self._providers = parallel or CONFIGURATIONS  # who says how many are worked on at once, means memory

    @cached_property
    def needs(self) -> Mapping[InstanceKey, frozenset[InstanceKey]]:
        """By instance, which others of the batch have to end well before it begins."""
        return needed(self.instances, reverse=self.destroy)

    @property
    def _word(self) -> str:
        return "destroy" if self.destroy else "apply"

    def change(self, instance: Instance) -> Change:
        """The change of one of them."""
        key = instance.key
        words = Words(self._word, component=key.component, stack=key.stack)
        return Change(self.checkout, instance, words, destroy=self.destroy)

    # --- planning --------------------------------------------------------------------------------------------------

    def plan(self, *, changing: bool = False, read: bool = False) -> tuple[Planned, ...]:
        """Plan all of them; what is wrong with one stops only what cannot be seen without it.

        With `changing` it is also asked whether each may be changed now. With `read` plans that change nothing are read
        too, and each goes by what the states say: so it is with a plan of its own, and drift of one is none of another.

        Raises:
            Conflict: `interrupted`. Unavailable: `sandbox-down`, `disk-full`.
            Unavailable: `terraform-missing`, Invalid: `terraform-too-old`, where that is so for all of them.
        """
        self._listener.planning(self.instances)
        said = {one.key: error for one in self.instances if (error := self._against(one, changing=changing))}
        if said and len(said) == len(self.instances) and {error.code for error in said.values()} <= _NO_TOOL:
            raise next(iter(said.values()))
        self._listener.say("reading states")
        asked = [one for one in self.instances if one.key not in said]
        readings = self._readings(asked)
        said |= {key: reading.error for key, reading in readings.items() if reading.error is not None}
        gone = self._gone(readings) if self.destroy else {}
        members, waits = self._members(
            [one for one in asked if one.key not in said | gone], readings, wire=not (self.destroy or read)
        )
        with self._folder() as folder:
            codes = self._codes(folder, [one.instance for one in members], said) if changing else {}
            members = [one for one in members if one.key not in said]
            planner = Planner(
                self.checkout,
                self._listener.say,
                lambda _: None,
                folder,
                self.destroy,
                whole=not self.destroy,
                read=read,
                providers=self._providers,
            )
            planner.run(members)
        planner.parts |= gone
        waits |= planner.later
        said |= planner.errors
        found = []
        for one in self.instances:
            planned = self._planned(one, said, waits, planner, codes)
            self._listener.planned(planned)
            found.append(planned)
        return tuple(found)

    def _against(self, instance: Instance, *, changing: bool) -> GaiaError | None:
        try:
            if changing:
                self.change(instance).check()
            self.checkout.check_configured(instance)
        except GaiaError as error:
            return error
        return None

    def _readings(self, instances: Sequence[Instance]) -> dict[InstanceKey, Reading]:
        checkout = self.checkout
        if not self.destroy:
            return states_before_plan(checkout.ground, instances, checkout.tell, checkout.elsewhere)
        return states_before_plan(checkout.ground, instances, checkout.tell, look_elsewhere=False)

    def _codes(
        self, folder: str, instances: Iterable[Instance], said: dict[InstanceKey, GaiaError]
    ) -> dict[InstanceKey, Mapping[str, str]]:
        """The files that each is planned with; before that, so that none changes unseen in between.

        Raises:
            Unavailable: `disk-full`, `file-not-writable`.
        """
        files, found = self.checkout.files, {}
        known: dict[object, Mapping[str, str]] = {}
        for one in instances:
            copying = files.copying(one)
            try:
                if copying not in known and copying is not None:
                    known[copying] = self._code(self.checkout.workplace.folder / folder / "code", copying)
                found[one.key] = known.get(copying, {})
            except GaiaError as error:
                said[one.key] = error
        return found

    def _code(self, folder: Path, copying: Callable[[Path, Path], None]) -> Mapping[str, str]:
        try:
            copying(self.checkout.files.tree, folder / "tree")
            return fingerprints(folder / "tree")
        except OSError as error:
            raise write_failed(folder, error) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _gone(self, readings: Mapping[InstanceKey, Reading]) -> dict[InstanceKey, Plan]:
        """Those of which nothing is there: what they read may be gone too, and there is nothing to ask for it."""
        from gaia.terraform.plan import Plan

        empty = (key for key, reading in readings.items() if reading.error is None)
        return {key: Plan.nothing() for key in empty if (state := readings[key].state) is None or state.empty}

    def _members(
        self, instances: Sequence[Instance], readings: Mapping[InstanceKey, Reading], *, wire: bool
    ) -> tuple[list[Member], dict[InstanceKey, str]]:
        """Those that can be planned, and which value the others wait for."""
        states = {key: reading.state for key, reading in readings.items()}
        states |= self._outside(instances, states)
        here = frozenset(one.key for one in instances)
        members: list[Member] = []
        waits: dict[InstanceKey, str] = {}
        for one in instances:
            try:
                wired = here - waits.keys() if wire else ()
                settled = self.checkout.outputs(one).settled(one, destroy=self.destroy)
                members.append(member_of(settled, states[one.key], states, self.checkout.home_of(one), wired))
            except (Unresolved, NotFound) as error:
                waits[one.key] = str(error)
        return members, waits

    def _outside(
        self, instances: Sequence[Instance], states: Mapping[InstanceKey, State | None]
    ) -> dict[InstanceKey, State | None]:
        """The states of what they read and is not among them; one that does not read has no values."""
        repository = self.checkout.files.repository.forgiving()
        asked = {InstanceKey(one.stack, one.component) for each in instances for _, one in each.references}
        others = [one for one in repository.built(sorted(asked - states.keys())) if one.kind == "terraform"]
        readings = states_before_plan(self.checkout.ground, others, lambda _: None, look_elsewhere=False)
        return {key: reading.state for key, reading in readings.items()}

    def _planned(
        self,
        instance: Instance,
        said: Mapping[InstanceKey, GaiaError],
        waits: Mapping[InstanceKey, str],
        planner: Planner,
        codes: Mapping[InstanceKey, Mapping[str, str]],
    ) -> Planned:
        key = instance.key
        if key in said:
            return Planned(instance, error=said[key])
        if key in waits:
            return Planned(instance, waits=waits[key])
        plan = planner.parts[key]
        try:
            seen = replace(self.change(instance).seen(plan), code=codes.get(key, {}))
        except GaiaError as error:  # its journal does not read, say
            return Planned(instance, error=error)
        return Planned(instance, seen, alone=planner.alone.get(key, ""), cost=seen.cost)

    @contextmanager
    def _folder(self) -> Iterator[str]:
        """A folder for one combined plan: the first that nobody else works in. States are in it meanwhile."""
        base = self.checkout.workplace.folder / "batch"
        for number in count():
            with exclusive(base / f"{number}.lock") as mine:
                if mine:
                    end_survivors(base / str(number))  # of one that was killed: a provider outlives its terraform
                    yield f"batch/{number}"
                    return

    # --- applying --------------------------------------------------------------------------------------------------

    def apply(self, planned: Sequence[Planned], on_end: Callable[[Ended], None] = lambda _: None) -> tuple[Ended, ...]:
        """Apply or destroy what was seen, side by side; `on_end` is called after each, from several threads.

        A first signal lets those under way end and begins none, a second ends them at once. What `on_end` raises does
        as a first signal; it is `broken` then.
        """
        by_key = {one.instance.key: one for one in planned}
        ends: dict[InstanceKey, Ended] = {}

        def end(ended: Ended) -> bool:
            ends[ended.key] = ended
            self.checkout.held.let_go(ended.key)
            try:
                on_end(ended)
            except GaiaError as error:
                self.broken = self.broken or error
            self._listener.ended(ended)
            return ended.fine

        def skip(key: InstanceKey, because: InstanceKey) -> None:
            status: EndStatus = "waits" if ends[because].status == "waits" else "not tried"
            end(Ended(key, status, because=because))

        interrupt = self.checkout.interrupt
        with interrupt.by_signals():
            left = side_by_side(
                {key: self.needs[key] for key in by_key},
                lambda key: end(self._one(by_key[key])),
                parallel=self._parallel,
                stopped=lambda: interrupt.times > 0 or self.broken is not None,
                skip=skip,
            )
        for key in left:
            end(Ended(key, "not tried", error=self.broken or _interrupted("before its turn", self._word)))
        return tuple(ends[key] for key in by_key)

    def _one(self, planned: Planned) -> Ended:
        key = planned.instance.key
        if planned.error is not None:
            return Ended(key, "failed", error=planned.error)
        if planned.seen is None:
            return Ended(key, "waits", error=_waits(planned))
        if planned.refused:
            verdict = planned.seen.verdict
            reasons = tuple(dict.fromkeys(verdict.reasons)) if verdict else ()
            return Ended(key, "parked", Outcome("parked", "the policies say no", "policy-denied", left=reasons))
        try:
            if planned.unchanged and not self.change(planned.instance).goes_on:
                return Ended(key, "unchanged", Outcome("unchanged"))
            self._listener.begins(key)
            outcome = self.change(planned.instance).apply(planned.seen, self._log(key))
        except KeyboardInterrupt:
            return self._broken_off(planned.instance)
        except GaiaError as error:
            return Ended(key, "failed", error=error)
        return Ended(key, outcome.status, outcome)

    def _broken_off(self, instance: Instance) -> Ended:
        """It was killed in the middle: what it may have made is named, for nobody else knows of it."""
        error = _interrupted("while it was changed", self._word)
        try:
            left = tuple(f"{address}: it may have been made" for address in self.change(instance).in_doubt())
        except GaiaError as why:
            left = (why.message,)
        return Ended(instance.key, "interrupted", Outcome("parked", error.message, error.code, left=left), error)

    def _log(self, key: InstanceKey) -> Log:
        def log(level: str, message: str, event: Mapping[str, object] | None = None) -> None:
            self._listener.log(key, level, message, event)

        return log


def _waits(planned: Planned) -> NotFound:
    return NotFound(
        "output-missing",
        f"it cannot be planned yet: {planned.waits}",
        next_step="Apply first what it needs, or select that too with --upstream.",
    )


def _interrupted(when: str, word: str) -> Conflict:
    return Conflict(
        "interrupted",
        f"it was interrupted {when}",
        next_step=f"`gaia {word} --resume` looks what was made, and goes on.",
    )
