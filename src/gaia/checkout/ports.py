"""Where an operator's changes are written down: in the records of a home, or beside the working directories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from contextlib import AbstractContextManager

    from gaia.cost.budgets import Scope
    from gaia.cost.declared import Declared
    from gaia.cost.quotas import Footprint
    from gaia.kit.interrupt import Interrupt
    from gaia.operations.instance import Outcome
    from gaia.platform.instances.leased import Lease
    from gaia.policy.rules import PolicySet
    from gaia.policy.waivers import Waiver
    from gaia.records.ports import LineFile
    from gaia.stacks.model import Instance


@dataclass(frozen=True, slots=True)
class Spending:
    """What the caller may see of what is spent and held."""

    declared: Declared
    """On the published branch: what counts."""
    footprints: Sequence[Footprint]
    sees: Callable[[Scope], bool]
    """Whether the caller may see all that is in a scope."""


Act = Literal["apply", "destroy", "move", "accept"]
"""What is done to an instance. `accept`: what exists is written into its state."""


class ChangeRun(Protocol):
    """One change, begun."""

    def watched(self, interrupt: Interrupt) -> AbstractContextManager[Lease]:
        """While the block runs, the loss of the lease asks for an end."""
        ...

    def end(self, outcome: Outcome) -> None:
        """Write down how it ended, and what exists now."""
        ...


class Records(Protocol):
    """Implemented by `journal_files.JournalFiles` and `registered.RegisteredRecords`."""

    @property
    def caller(self) -> str:
        """In whose name things are done, for people."""
        ...

    def check_direct(self, instance: Instance) -> None:
        """Raise a `Conflict` where the instance is changed by requests only: see `gaia.checkout.direct`."""
        ...

    def check_free(self, instance: Instance) -> None:
        """Raise a `Conflict` where a request has the instance."""
        ...

    def numbers(self, instance: Instance) -> list[int]:
        """The numbers of the instance's journals, oldest first."""
        ...

    def journal(self, instance: Instance, number: int) -> LineFile:
        """One journal; a new one for a number that there is none of."""
        ...

    def every_journal(self, instance: Instance) -> Iterable[LineFile]:
        """All journals of the instance, those of requests too."""
        ...

    def check_finished(self, instance: Instance, but: list[LineFile]) -> None:
        """Raise `Conflict("apply-unfinished")` where another journal of the instance is of an application that may have
        made more than the state has. Moves are not asked here: `Checkout.check_moved` does that."""
        ...

    def applied_commit(self, instance: Instance) -> str:
        """The commit of the last change that ended well; empty where nobody knows."""
        ...

    def run(self, instance: Instance, act: Act) -> AbstractContextManager[ChangeRun]:
        """The instance for one change alone.

        Raises:
            Conflict: `operation-running`.
        """
        ...

    def elsewhere(self, here: Collection[str]) -> Iterable[Instance]:
        """Instances that are not among those of the checkout and have states all the same: of requests under way."""
        ...

    def published(self) -> Iterable[Instance]:
        """Those of the commit on which requests act. Raise where it cannot be read."""
        ...

    def published_waivers(self) -> Sequence[Waiver] | None:
        """Those of that commit; None where requests act on none. Raise where it cannot be read."""
        ...

    def published_policies(self) -> PolicySet | None:
        """Those of that commit; None where requests act on none. Raise where it cannot be read."""
        ...

    def spending(self) -> Spending | None:
        """Budgets and quotas, and what services cost and take up; None where nothing is known of any.

        Raise where the caller is not known, or nobody can say what is published.
        """
        ...

    def note(self, instance: Instance, command: str) -> None:
        """Write down that a command which changes the state was run."""
        ...
