"""A checkout that no home serves: journals in files, and nothing else is kept."""

from __future__ import annotations

import getpass
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.checkout.direct import check_files
from gaia.errors import Conflict, Next
from gaia.kit.files import exclusive
from gaia.kit.lines import LinesAt
from gaia.operations.unfinished import doubtful
from gaia.platform.instances.leased import Lease
from gaia.platform.instances.outputs import working_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from gaia.checkout.ports import Act, ChangeRun
    from gaia.kit.interrupt import Interrupt
    from gaia.operations.instance import Outcome
    from gaia.platform.workplace import Workplace
    from gaia.records.ports import LineFile
    from gaia.stacks.model import Instance


def operator() -> str:
    """Who sits at this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


class _Run:
    def watched(self, interrupt: Interrupt) -> AbstractContextManager[Lease]:
        """There are no leases here."""
        del interrupt
        return nullcontext(Lease(""))

    def end(self, outcome: Outcome) -> None:
        """The journal says it."""


@dataclass(frozen=True, slots=True)
class JournalFiles:
    """Implements `ports.Records` with `FOLDER/journals/STACK/COMPONENT/NUMBER.jsonl`."""

    workplace: Workplace

    @property
    def caller(self) -> str:
        """The user of this machine."""
        return operator()

    def check_direct(self, instance: Instance) -> None:
        """Raise `Conflict("direct-refused")`, by the files as they lie: requests may be made of another clone."""
        check_files(instance)

    def check_free(self, instance: Instance) -> None:
        """Nobody leases anything here."""

    def numbers(self, instance: Instance) -> list[int]:
        """Oldest first."""
        found = (path.stem for path in self._folder(instance).glob("*.jsonl"))
        return sorted(int(name) for name in found if name.isascii() and name.isdecimal())

    def journal(self, instance: Instance, number: int) -> LineFile:
        """The journal with this number."""
        return LinesAt(self._folder(instance) / f"{number}.jsonl", below=self.workplace.folder)

    def every_journal(self, instance: Instance) -> Iterable[LineFile]:
        """All of them."""
        return [self.journal(instance, number) for number in self.numbers(instance)]

    def check_finished(self, instance: Instance, but: list[LineFile]) -> None:
        """Raise `Conflict("apply-unfinished")` for an application that may have made more than its state has."""
        for number in self.numbers(instance):
            journal = self.journal(instance, number)
            if journal not in but and (left := doubtful(journal)):
                raise Conflict(
                    "apply-unfinished",
                    f"a change was stopped while it made {instance.key}, and may have made more than the state has: "
                    f"{', '.join(left)}",
                    next_step=Next(
                        "terraform apply",
                        instance.key.component,
                        "Finish it first",
                        stack=instance.key.stack,
                        after="Where it cannot be finished, look for what is left by hand, "
                        f"then remove {journal.where}.",
                    ),
                    facts={"instance": str(instance.key), "left": list(left)},
                )

    def applied_commit(self, instance: Instance) -> str:
        """No commit is kept here."""
        del instance
        return ""

    @contextmanager
    def run(self, instance: Instance, act: Act) -> Iterator[ChangeRun]:
        """Alone on this machine."""
        del act
        with exclusive(working_folder(self.workplace, instance, "work") / "run.lock") as free:
            if not free:
                raise running(instance)
            yield _Run()

    def elsewhere(self, here: Collection[str]) -> Iterable[Instance]:
        """Nobody asks for anything here."""
        del here
        return ()

    def published(self) -> Iterable[Instance]:
        """Requests act on nothing here."""
        return ()

    def published_waivers(self) -> None:
        """Requests act on nothing here."""

    def published_policies(self) -> None:
        """Requests act on nothing here."""

    def spending(self) -> None:
        """Nobody asks for anything here."""

    def note(self, instance: Instance, command: str) -> None:
        """Nobody reads it here."""

    def _folder(self, instance: Instance) -> Path:
        return self.workplace.folder / "journals" / instance.key.folder


def running(instance: Instance) -> Conflict:
    """The error where another process works on an instance."""
    return Conflict("operation-running", f"another process works on {instance.key}", next_step="Wait until it is done.")
