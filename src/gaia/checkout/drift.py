"""Drift of a checkout's instances: what there is to know of each beside its plan, and the two ways to end it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.checkout.change import Change
from gaia.checkout.words import Words
from gaia.errors import GaiaError, NotFound
from gaia.operations.drift.examining import Examiner, failed
from gaia.operations.drift.stateful import is_stateful
from gaia.operations.facts import read_facts
from gaia.operations.journal import read
from gaia.platform.target import acts_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from gaia.checkout.batch_model import Planned
    from gaia.checkout.change import Seen
    from gaia.checkout.checkout import Checkout
    from gaia.operations.drift.model import Finding, Scan
    from gaia.stacks.failures import Failure
    from gaia.stacks.model import Instance
    from gaia.terraform.plan import Plan

REFRESH_ONLY = "-refresh-only"
_OTHER = ("read from elsewhere", "not applied", "undecided")
"""Kinds of findings whose changes an apply would make too, though they put nothing back."""


def unbuilt(failure: Failure) -> Scan:
    """An instance that cannot be built."""
    return failed(f"{failure.where}/{failure.component}", failure.error)


@dataclass(frozen=True)
class Scanner:
    """Looks at instances of one checkout."""

    checkout: Checkout
    today: date

    def look(self, instance: Instance) -> tuple[Scan, Seen | None]:
        """Plan an instance and say what was found, with the plan where there is one; an error is a scan that failed.

        Raises:
            Conflict: `interrupted`.
        """
        try:
            seen = applying(self.checkout, instance).plan(read=True)
            return self.judged(instance, seen.plan), seen
        except GaiaError as error:
            if error.code == "interrupted":
                raise
            return self._examiner.unseen(instance, error), None

    def of(self, planned: Planned) -> Scan:
        """What the plan of one of a batch says; one that could not be planned was not checked."""
        instance = planned.instance
        if planned.seen is None:
            error = planned.error or NotFound(
                "output-missing", f"it cannot be planned: {planned.waits}", next_step="Apply first what it needs."
            )
            return self._examiner.unseen(instance, error)
        try:
            return self.judged(instance, planned.seen.plan)
        except GaiaError as error:
            return failed(str(instance.key), error)

    @cached_property
    def _examiner(self) -> Examiner:
        checkout = self.checkout
        return Examiner(
            checkout.files.repository,
            self.today,
            stored=lambda one: checkout.outputs(one).state(one),
            scope=self._scope,
            same_code=self._same_code,
            hide=checkout.redact.knows,
        )

    def judged(self, instance: Instance, plan: Plan) -> Scan:
        """See `Examiner.judged`."""
        return self._examiner.judged(instance, plan)

    def _same_code(self, instance: Instance) -> bool:
        """Whether the last change was a whole apply of what lies here now; where nobody knows it is not."""
        revision, records = self.checkout.revision, self.checkout.records
        commit = records.applied_commit(instance)
        if not commit or commit != revision.commit or revision.uncommitted:
            return False
        numbers = records.numbers(instance)
        facts = read_facts(read(records.journal(instance, numbers[-1]))) if numbers else None
        if facts is None or facts.outcome is None or not facts.finished or facts.operation != "apply":
            return False
        changed = facts.outcome.get("changed")
        return isinstance(changed, dict) and "accept" not in changed

    def _scope(self, instance: Instance, plan: Plan) -> str:
        return acts_in(self.checkout.terraform(instance).environ, instance.providers, plan)


def applying(checkout: Checkout, instance: Instance, *flags: str) -> Change:
    """An apply of an instance, with these flags of terraform's plan."""
    key = instance.key
    words = Words("apply", component=key.component, stack=key.stack, arguments=flags)
    return Change(checkout, instance, words, destroy=False)


def accepting(checkout: Checkout, instance: Instance) -> Change:
    """What exists is written into the state, and nothing is changed."""
    return applying(checkout, instance, REFRESH_ONLY)


def targets(findings: Iterable[Finding]) -> tuple[str, ...] | None:
    """The addresses that an apply is limited to, so that it puts things back and does nothing else.

    None where it needs no limits; nothing where there is nothing that an apply would put back.
    """
    everything = list(findings)
    back = [one for one in everything if one.repair and one.kind not in _OTHER]
    if back and not any(one.kind in _OTHER for one in everything):
        return None
    places = (place for one in back for place in one.places)
    return tuple(dict.fromkeys(place.address for place in places if place.would and "output." not in place.address))


def repairing(checkout: Checkout, instance: Instance, only: tuple[str, ...] | None) -> Change:
    """What was changed or is gone is put back."""
    return applying(checkout, instance, *(f"-target={address}" for address in only or ()))


def taken_along(plan: Plan, only: Iterable[str]) -> tuple[str, ...]:
    """Addresses that a plan with targets changes besides them: terraform takes along what a target depends on."""
    named = tuple(only)
    return tuple(
        one.address
        for one in plan.changes
        if not any(one.address == name or one.address.startswith((f"{name}.", f"{name}[")) for name in named)
    )


def losses(plan: Plan) -> tuple[str, ...]:
    """Addresses of things with data in them that a plan replaces or deletes."""
    return tuple(one.address for one in plan.changes if one.action in ("replace", "delete") and is_stateful(one.type))
