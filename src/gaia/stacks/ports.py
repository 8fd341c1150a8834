"""What a repository is handed: who answers functions that reach outside, and what is processed at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypedDict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gaia.errors import Position
    from gaia.stacks.model import Reference


class Unanswered(Exception):
    """A resolver does not know the value (yet): it stays visible as it is written. `kind` is its type, if known.

    `needs` are the outputs that it would be made of.
    """

    def __init__(self, kind: str | None = None, needs: tuple[Reference, ...] = ()) -> None:
        super().__init__(kind)
        self.kind = kind
        self.needs = needs


@dataclass(frozen=True, slots=True)
class Call:
    """A function that reaches outside, with its arguments divided into words."""

    function: str
    """The name without the exclamation mark, for instance `store.get`."""
    words: tuple[str, ...]
    text: str
    """As written, with the exclamation mark."""
    component: str
    """The instance whose value it is."""
    stack: str
    at: Position


class Filters(TypedDict, total=False):
    """What is left of a description of all stacks; each that is given leaves out the rest."""

    stack: str | None
    components: Collection[str]
    kinds: Collection[str]
    sections: Collection[str]
    include_empty: bool


class Resolver(Protocol):
    """Answers the functions that reach outside. Each method may raise `Unanswered`, or a GaiaError."""

    def terraform(self, reference: Reference) -> object:
        """The value of `!terraform.state` or `!terraform.output`: of another instance's outputs, None if absent."""
        ...

    def execute(self, command: str, environ: Mapping[str, str]) -> str:
        """The standard output of a shell command; never called for an untrusted repository."""
        ...

    def store(self, call: Call) -> object:
        """The value of `!store` or `!store.get`."""
        ...

    def secret(self, call: Call) -> object:
        """The value of `!secret`."""
        ...

    def cloud(self, call: Call) -> object:
        """The value of one of the `!aws.…` functions."""
        ...


@dataclass(frozen=True, slots=True)
class Processing:
    """What is done with the values of instances: Go templates, YAML functions, and functions that are left alone."""

    templates: bool = True
    functions: bool = True
    skip: frozenset[str] = field(default_factory=frozenset)
    """Names of functions, without the exclamation mark."""
