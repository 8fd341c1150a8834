"""What a plan says of one instance's drift, with what is known beside it; the same for a checkout and the platform."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.graph.index import ReverseIndex
from gaia.operations.drift.classify import classify, wants_state
from gaia.operations.drift.ignoring import read_rules
from gaia.operations.drift.model import Evidence, Finding, Place, Scan
from gaia.terraform.wiring import parse_wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from gaia.stacks.model import Instance, Reference
    from gaia.stacks.repository import Repository
    from gaia.terraform.plan import Plan
    from gaia.terraform.state import State

NEVER = "it was never applied, and neither was something that it reads"


def failed(key: str, error: GaiaError) -> Scan:
    """One that was not checked, and why."""
    where = f"{error.at}: " if error.at and str(error.at) not in error.message else ""
    return Scan(key, code=error.code, reason=where + error.message, next_step=error.next_step or "")


@dataclass(frozen=True)
class Examiner:
    """Examines plans of one repository's instances, as it is at a commit or as it lies."""

    repository: Repository
    today: date
    stored: Callable[[Instance], State | None]
    """The state of an instance as it lies now; None where it was never applied. It may raise."""
    scope: Callable[[Instance, Plan], str]
    """Where its providers act: ids are unique there."""
    same_code: Callable[[Instance], bool]
    """Whether code and manifests are known to be those of its last apply."""
    hide: Callable[[str], bool]
    """Whether a text holds a secret that terraform has lost the mark of."""

    def judged(self, instance: Instance, plan: Plan) -> Scan:
        """What a refreshed plan of an instance says, one that was read though it may change nothing.

        Raises:
            GaiaError: the state cannot be read.
        """
        rules, broken = read_rules(instance.settings, instance.place, self.today)
        evidence = Evidence(
            str(instance.key),
            plan,
            self.today,
            inputs=_inputs(instance),
            readers=self._readers(instance) if plan.drift else {},
            code=instance.component_path,
            scope=self.scope(instance, plan),
            same_code=self.same_code(instance),
            rules=rules,
            broken=broken,
            hide=self.hide,
        )
        if wants_state(evidence):
            evidence = replace(evidence, stored=self.stored(instance))
        return Scan(str(instance.key), classify(evidence))

    def unseen(self, instance: Instance, error: GaiaError) -> Scan:
        """One that could not be planned: where it only lacks what it reads, and was never made, that is known."""
        key = str(instance.key)
        if error.code != "output-missing":
            return failed(key, error)
        try:
            state = self.stored(instance)
        except GaiaError as unread:
            return failed(key, unread)
        if state is not None and not state.empty:
            return failed(key, error)
        code = instance.component_path
        cause = ("not applied", code or key, "never")
        made = Finding("not applied", cause, code or key, (Place(key, "", "changed", "create"),), reason=NEVER)
        return Scan(key, (made,))

    def _readers(self, instance: Instance) -> Mapping[str, tuple[str, ...]]:
        """The instances that read each output of this one."""
        found: dict[str, set[str]] = {}
        for other, _ in self._reverse.needing(instance):
            for _, reference in other.references:
                if (reference.stack, reference.component) == (instance.key.stack, instance.key.component):
                    found.setdefault(_output(reference), set()).add(str(other.key))
        return {name: tuple(sorted(keys)) for name, keys in found.items()}

    @cached_property
    def _reverse(self) -> ReverseIndex:
        return ReverseIndex(self.repository.forgiving())


def _inputs(instance: Instance) -> Mapping[str, tuple[str, ...]]:
    """The variables that outputs of other instances give."""
    found: dict[str, tuple[str, ...]] = {}
    for path, reference in instance.references:
        if path[0] == "vars" and len(path) > 1:
            source = f"{reference.stack}/{reference.component} output {_output(reference)}"
            found[str(path[1])] = (*found.get(str(path[1]), ()), source)
    return found


def _output(reference: Reference) -> str:
    wiring = parse_wiring(reference.expression)
    return wiring.output if wiring is not None else reference.expression
