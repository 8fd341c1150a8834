"""One pull request at a time has an instance: from its plan until it is merged or closed.

A claim lies beside what is kept, with a number that grows: whoever takes the next number has the instance, and of
several who try one succeeds. It is free where its pull request is not open any more, so a runner that died holds
nothing: only pull requests do, and these end. Claims are by branch: what a pull request says that is for another one
is not applied before one for this branch brings it, so it is in nobody's way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia.kit.shapes import as_map
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gaia.ci.hosts.host import State
    from gaia.ci.storage.kept import Kept

_TRIES = 5
_EARLIER = 100
"""So many that had an instance when they were merged are remembered."""


@dataclass(frozen=True)
class Claims:
    """Those of a repository's pull requests that are for one branch."""

    kept: Kept
    branch: str
    state_of: Callable[[int], State]
    """Of a pull request; asked of those that are in the way."""

    def take(self, number: int, instances: Iterable[str]) -> Mapping[str, int]:
        """Claim instances for a pull request: those that another one has, and which."""
        found = {one: self._take(number, one) for one in instances}
        return {name: holder for name, holder in found.items() if holder is not None}

    def against(self, number: int, instances: Iterable[str]) -> Mapping[str, int]:
        """Instances that another open pull request has, and that this one had not when it was merged; and which.

        Whoever is merged has them no longer: another one that is planned then takes them over, which is no reason not
        to apply what was merged before. Whoever was closed meanwhile, and opened again, has lost them.
        """
        found: dict[str, int] = {}
        for one in instances:
            _, holder, earlier = self._known(one)
            if holder not in (None, number) and number not in earlier and self.state_of(holder) == "open":
                found[one] = holder
        return found

    def give_back(self, number: int, instances: Iterable[str]) -> None:
        """Give instances back once they were applied, as far as the pull request has them."""
        for one in instances:
            last, holder, earlier = self._known(one)
            if holder == number:
                self.kept.put(self._name(one, last), {"earlier": [*earlier, number][-_EARLIER:]})

    def keep_only(self, number: int, instances: Iterable[str], known: Iterable[str]) -> Mapping[str, int]:
        """Claim as `take` does, and give back those of the known instances that the pull request changes no longer."""
        wanted = tuple(instances)
        for one in known:
            last, holder, earlier = self._known(one)
            if holder == number and one not in wanted:  # it never had it, as far as `against` is asked
                self.kept.put(self._name(one, last), {"earlier": earlier})
        return self.take(number, wanted)

    def _take(self, number: int, instance: str) -> int | None:
        for _ in range(_TRIES):
            last, holder, earlier = self._known(instance)
            if holder == number:
                return None
            state = None if holder is None else self.state_of(holder)
            if state == "open":
                return holder
            had = [*earlier, *([holder] if state == "merged" else ())][-_EARLIER:]
            if self.kept.create(self._name(instance, last + 1), {"pull_request": number, "earlier": had}):
                self._drop(instance, last)
                return None
        _, holder, _ = self._known(instance)
        return holder if holder != number else None

    def _known(self, instance: str) -> tuple[int, int | None, list[int]]:
        """The number of the last claim, 0 where there is none, whose it is, and who had it when they were merged."""
        numbers = self._numbers(instance)
        if not numbers:
            return 0, None, []
        said = as_map(self.kept.get(self._name(instance, numbers[-1])))
        holder, earlier = said.get("pull_request"), said.get("earlier")
        had = [one for one in earlier if isinstance(one, int)] if isinstance(earlier, list) else []
        return numbers[-1], holder if isinstance(holder, int) else None, had

    def _drop(self, instance: str, until: int) -> None:
        for number in self._numbers(instance):
            if number <= until:
                self.kept.store.delete(self._name(instance, number))

    def _numbers(self, instance: str) -> list[int]:
        prefix = self._name(instance, 0)[:-1]
        found = (one.removeprefix(prefix) for one in self.kept.store.names(prefix))
        return sorted(int(one) for one in found if one.isascii() and one.isdecimal())

    def _name(self, instance: str, number: int) -> str:
        return f"claims/{quote(self.branch, safe='')}/{InstanceKey.parse(instance).folder}/{number}"
