"""Which journals there are: one for each instance of a request, and numbered ones of an instance's other changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Next, Unavailable
from gaia.records.documents import Growing
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gaia.platform.context import PlatformContext
    from gaia.records.ports import LineFile

_UNDOING = ".undo"
"""What follows in a name upon the request whose work is undone."""
_UNREQUESTED = "direct"
"""What stands in a name for the request of a change that nobody asked a request for."""


@dataclass(frozen=True, slots=True)
class JournalName:
    """`REQUEST/STACK/COMPONENT`, or `direct/STACK/COMPONENT/NUMBER`. A component's name may hold slashes itself."""

    instance: str
    request: str = ""
    number: int = 0

    def __str__(self) -> str:
        return f"{self.request}/{self.instance}" if self.request else f"{_UNREQUESTED}/{self.instance}/{self.number}"

    @classmethod
    def parse(cls, text: str) -> JournalName | None:
        """The name that was written so; None for what is no journal's."""
        request, _, rest = text.partition("/")
        if request != _UNREQUESTED:
            return cls(rest, request=request) if request and rest else None
        instance, _, number = rest.rpartition("/")
        return cls(instance, number=int(number)) if instance and number.isdecimal() and number.isascii() else None


def of_request(platform: PlatformContext, request: str, instance: str) -> Growing:
    """Every run of the request goes on from what the last one wrote."""
    return _named(platform, JournalName(instance, request=request))


def of_undoing(platform: PlatformContext, request: str, instance: str) -> Growing:
    """Of the destruction of what a request made, where it could not be finished."""
    return _named(platform, JournalName(instance, request=f"{request}{_UNDOING}"))


def of_change(platform: PlatformContext, instance: str, number: int) -> Growing:
    """Of a change without a request."""
    return _named(platform, JournalName(instance, number=number))


def numbers(platform: PlatformContext, instance: str) -> list[int]:
    """Of the changes of an instance that nobody requested, oldest first."""
    return sorted(name.number for name, _ in every(platform) if name.instance == instance and not name.request)


def every(platform: PlatformContext) -> Iterator[tuple[JournalName, Growing]]:
    """All journals of this home."""
    for stored in platform.documents.find("journal"):
        if (name := JournalName.parse(stored.name)) is not None:
            yield name, _named(platform, name)


def unfinished(platform: PlatformContext, instances: Sequence[str], *, but: Sequence[LineFile] = ()) -> Conflict | None:
    """Why these may not be changed yet: an application that did not end may have made what no state has, and a move of
    resources that did not end has two states hold the same.

    `but` are journals that do not count: going on with an application does not wait for its own.
    """
    from gaia.platform.instances.unfinished_moves import move_in_the_way

    for instance in instances:
        if error := move_in_the_way(platform.workplace.folder, instance):
            return error
    return in_doubt(platform, instances, but=but)


def in_doubt(platform: PlatformContext, instances: Sequence[str], *, but: Sequence[LineFile] = ()) -> Conflict | None:
    """The error for an application that did not end, and may have made what no state has; `but` are its own."""
    from gaia.operations.unfinished import doubtful

    for name, journal in every(platform):
        if name.instance in instances and journal not in but and (left := doubtful(journal)):
            return _unfinished(name, journal, left)
    return None


def unended(journal: LineFile) -> bool:
    """Whether its operation was begun and did not end; nobody knows of one that cannot be read, so it may have been."""
    from gaia.operations.facts import read_facts
    from gaia.operations.journal import read

    try:
        return read_facts(read(journal)).begun
    except Unavailable:
        return True


def _unfinished(name: JournalName, journal: Growing, left: Sequence[str]) -> Conflict:
    instance = InstanceKey.parse(name.instance)
    by_hand = f"Where it cannot be finished, look for what is left by hand, then remove {journal.where}."
    words = "Finish it first"
    if name.request:
        finish = Next("resume", name.request, words, after=by_hand)
    else:
        finish = Next("terraform apply", instance.component, words, stack=instance.stack, after=by_hand)
    return Conflict(
        "apply-unfinished",
        f"{f'request {name.request}' if name.request else 'a change'} was stopped while it made {instance}, "
        "and may have made more than the state has",
        next_step=finish,
        facts={
            "request": name.request or None,
            "instance": str(instance),
            "left": [f"{instance}: {address}" for address in left],
        },
    )


def _named(platform: PlatformContext, name: JournalName) -> Growing:
    return Growing(platform.documents, "journal", str(name))
