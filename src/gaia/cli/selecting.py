"""The options by which several instances are selected, and what they select."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Collection

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.selection import Selection
    from gaia.cli.session import Session
    from gaia.stacks.failures import Failures
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

MaybeComponent = Annotated[
    str | None,
    typer.Argument(
        metavar="[COMPONENT]",
        help="The component, or the path to its code.",
        autocompletion=completion.components,
        show_default=False,
    ),
]
Stacks = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        help="The stack, or a pattern: 'acme-*-dev'.",
        autocompletion=completion.stacks,
        show_default=False,
    ),
]
Components = Annotated[
    str | None,
    typer.Option("--components", metavar="A,B", help="Only these components, or patterns.", show_default=False),
]
Everything = Annotated[bool, typer.Option("--all", help="All instances, of all stacks or of those of -s.")]
Affected = Annotated[bool, typer.Option("--affected", help="Only what differs from another commit; see --ref.")]
MaybeRef = Annotated[
    str | None,
    typer.Option(
        "--ref",
        metavar="REF",
        help="What --affected compares with; else the remote's main branch, or HEAD where there is none.",
        show_default=False,
    ),
]
Query = Annotated[
    str | None, typer.Option("--query", metavar="YQ", help="Only those that it is true of.", show_default=False)
]
Upstream = Annotated[bool, typer.Option("--upstream", help="And all that these need.")]
Downstream = Annotated[bool, typer.Option("--downstream", help="And all that needs these.")]
Parallel = Annotated[
    int | None,
    typer.Option(
        "--parallel",
        metavar="N",
        min=1,
        max=64,
        help="How many are worked on at once; else as many as memory and cores have room for.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Selected:
    """What somebody typed to select instances."""

    component: str | None = None
    stack: str | None = None
    components: str | None = None
    everything: bool = False
    affected: bool = False
    ref: str | None = None
    query: str | None = None
    upstream: bool = False
    downstream: bool = False

    def __post_init__(self) -> None:
        """What is said is said.

        Raises:
            Invalid: `usage` for a name that is empty, often a variable of the shell that is not set: it is nobody, and
                never everybody; and for `--ref` without `--affected`.
        """
        named = {"COMPONENT": self.component, "--stack": self.stack, "--components": self.components,
                 "--query": self.query, "--ref": self.ref}  # fmt: skip
        for name, value in named.items():
            if value is not None and not value.strip():
                raise Invalid("usage", f"{name} is empty", next_step="Give a name, or leave it out.")
        if self.ref is not None and not self.affected:
            raise Invalid("usage", "--ref is for --affected alone", next_step="Add --affected, or leave --ref out.")

    @property
    def nothing(self) -> bool:
        """Whether nothing was typed."""
        return self == Selected()

    @property
    def one(self) -> bool:
        """Whether it is a component and a stack, and nothing more."""
        more = (self.components, self.everything, self.affected, self.query, self.upstream, self.downstream)
        return self.component is not None and self.stack is not None and not any(more) and not _is_pattern(self)

    def selection(self, checkout: Checkout, session: Session) -> Selection:
        """As the checkout takes it.

        Raises:
            Invalid: `usage` where nothing is selected.
        """
        from gaia.checkout.selection import Selection, listed

        if self.component is None and self.stack is None and not (self.everything or self.affected or self.query):
            raise Invalid(
                "usage",
                "nothing says which instances are meant",
                next_step="Give COMPONENT -s STACK, -s STACK for all of a stack, --affected, or --all.",
            )
        if self.component is not None and self.stack is None and not (self.everything or self.affected):
            raise Invalid(
                "usage", f"nothing says in which stack {self.component} is meant", next_step="Add -s STACK, or --all."
            )
        if self.component is not None and self.components is not None:
            raise Invalid(
                "options-conflict", "a component and --components say two things", next_step="Give one of them."
            )
        names = listed(self.components) if self.components is not None else None
        if self.component is not None:
            stack = self.stack or ""
            is_path = "/" in self.component and not _is_pattern(self)
            names = (checkout.component_at(self.component, session.settings.cwd, stack) if is_path else self.component,)
        return Selection(
            self.stack or "",
            names,
            affected=self.affected,
            query=self.query,
            upstream=self.upstream,
            downstream=self.downstream,
        )


def _is_pattern(selected: Selected) -> bool:
    return any(sign in f"{selected.component or ''}{selected.stack or ''}" for sign in "*?[")


def instances(
    session: Session, checkout: Checkout, selected: Selected, *, reverse: bool
) -> tuple[tuple[Instance, ...], Failures]:
    """The instances that are selected, in the order of their dependencies, and what could not be built.

    Raises:
        See `Selected.selection`, `gaia.checkout.selection.instances_meant`, `affected_by`.
    """
    from gaia.checkout.selection import instances_meant
    from gaia.stacks.failures import Failures

    repository = checkout.files.repository.forgiving()

    def affected() -> Collection[InstanceKey]:
        return affected_by(session, repository, selected.ref)

    found = instances_meant(repository, selected.selection(checkout, session), affected, reverse=reverse)
    return found, repository.failures or Failures()


def affected_by(
    session: Session, repository: Repository, ref: str | None, path: str | None = None
) -> Collection[InstanceKey]:
    """What the files here make different from another commit, or from another clone."""
    from pathlib import Path

    from gaia.cli.comparing import other_side
    from gaia.graph.compare import affected as compare

    with other_side(session.settings, repository, ref, Path(path) if path else None) as (side, before):
        return {one.key for one in compare(repository, before, side.changed)}
