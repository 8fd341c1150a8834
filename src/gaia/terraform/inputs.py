"""The values that a request's instances get: data, wired outputs, or values that are known by now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.errors import NotFound
from gaia.stacks.model import HOLDERS, Reference, Unknown
from gaia.terraform import generated
from gaia.terraform.preview_members import Member, target
from gaia.terraform.wiring import parse_wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.stacks.model import InstanceKey
    from gaia.terraform.state import State


class UnknownInput(Exception):
    """An input that does not exist yet; the text says which."""


@dataclass
class Inputs:
    """Resolves references for one preview."""

    members: Mapping[InstanceKey, Member]
    states: Mapping[InstanceKey, State | None]
    outside: Callable[[Reference], object]
    destroy: bool
    outputs: dict[InstanceKey, dict[str, object]] = field(default_factory=dict)
    """Output values of members that are known from a plan already."""
    stand_in: Callable[[Reference | Unknown], str] | None = None
    """Gives the expression for a value that nobody is asked for, where only the shape is looked at."""

    def wired(self, value: object, names: Mapping[InstanceKey, str]) -> object:
        """A value in Terraform's JSON syntax: data, and a template only where an output of a module is read.

        Raises:
            UnknownInput; NotFound: `output-unknown`, with the reference's position.
        """
        if isinstance(value, HOLDERS) and self.stand_in is not None:
            wireable = isinstance(value, Reference) and target(value) in names and parse_wiring(value.expression)
            if not wireable:
                return self.stand_in(value)
        if isinstance(value, Reference):
            if self.destroy or target(value) not in names:
                return generated.data(self.resolve(value))
            return self._template(value, names[target(value)])
        if isinstance(value, Unknown):
            return self._open(value)
        if isinstance(value, dict):
            return {str(generated.data(str(key))): self.wired(child, names) for key, child in value.items()}
        if isinstance(value, list | tuple):
            return [self.wired(child, names) for child in value]
        return generated.data(value)

    def _template(self, reference: Reference, module: str) -> object:
        wiring = parse_wiring(reference.expression)
        if wiring is None:  # `members` previews such an instance alone
            raise UnknownInput(f"{reference.text} cannot be written in HCL")
        outputs = self.members[target(reference)].component.outputs
        output = outputs.get(wiring.output)
        if output is None and wiring.default is None:
            raise NotFound(
                "output-unknown",
                f"{reference.at}: {target(reference)} has no output {wiring.output!r}",
                next_step=f"Name one of its outputs: {', '.join(sorted(outputs)) or 'it has none'}.",
                at=reference.at,
            )
        return wiring.hcl(module, sensitive=output is not None and output.sensitive, declared=output is not None)

    def known(self, value: object) -> object:
        """A value with all references in it resolved now.

        Raises:
            UnknownInput: one of them has no value yet.
        """
        if isinstance(value, Reference):
            return self.resolve(value)
        if isinstance(value, Unknown):
            return self._open(value)
        if isinstance(value, dict):
            return {key: self.known(child) for key, child in value.items()}
        if isinstance(value, list | tuple):
            return [self.known(child) for child in value]
        return value

    def _open(self, value: Unknown) -> object:
        """What only something outside could give: never its text; for a destruction nothing needs it."""
        if not self.destroy:
            raise UnknownInput(f"{value.text} at {value.at} has no value yet")
        return None

    def resolve(self, reference: Reference) -> object:
        """The value of one reference now. For a destruction a value that is gone is null: nothing needs it.

        Raises:
            UnknownInput: it has no value yet.
        """
        key = target(reference)
        if key not in self.members:
            try:
                return self.outside(reference)
            except NotFound as error:
                if self.destroy:
                    return None
                raise UnknownInput(f"{reference.text} has no value yet: {error.message}") from None
        wiring = parse_wiring(reference.expression)
        if self.destroy:
            state = self.states.get(key)
            values = {name: output.value for name, output in state.outputs.items()} if state else {}
            return wiring.evaluate(values) if wiring else None
        values = self.outputs.get(key, {})
        if wiring is None or wiring.output not in values:
            raise UnknownInput(f"{reference.text} is known only when {key} has been applied")
        return wiring.evaluate(values)
