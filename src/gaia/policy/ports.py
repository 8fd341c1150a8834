"""The one thing asked of a Rego engine; `regorus.py`, `opa.py` and `opa_server.py` give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.policy.model import Answer, Module


class PolicyEngine(Protocol):
    """Evaluates terms such as `data.gaia.plan.required_tags.deny` over modules and one input."""

    name: str

    def evaluate(self, modules: Sequence[Module], document: bytes, references: Sequence[str]) -> tuple[Answer, ...]:
        """One answer a reference, in order. `document` is the input as JSON text.

        A module that cannot be parsed or compiled, or that calls a function which the engine does not have, is a
        problem of every answer.

        Raises:
            Unavailable: `policy-engine-crashed`, `policy-engine-timeout`, `tool-missing`: nothing was decided.
        """
        ...
