"""The one thing asked of a Rego engine; `regorus.py`, `opa.py` and `opa_server.py` give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gaia.errors import Invalid

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
            Invalid: `policy-document-unusable`. Unavailable: `policy-engine-crashed`, `policy-engine-timeout`,
                `tool-missing`. Nothing was decided.
        """
        ...


def unusable(why: str) -> Invalid:
    """The document is one that no rule can be asked about: the rules are not to blame."""
    return Invalid(
        "policy-document-unusable",
        f"what is to be judged cannot be read by the policy engine: {why}; nothing was decided",
        next_step="Take the value that is meant out of it: nobody nests so deeply, or writes such numbers, by intent.",
    )
