"""Which instances of a checkout a command means, in the order of their dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.graph.order import needed, order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from gaia.checkout.words import Words
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Selection:
    """What somebody typed; each narrows what the others leave, and the last two add to that."""

    stack: str = ""
    """A name, or a pattern as file names have them; empty for all."""
    components: tuple[str, ...] | None = None
    """Names or patterns; None for all."""
    affected: bool = False
    """Only what differs from another commit."""
    query: str | None = None
    """A yq expression that says true of those that are meant."""
    upstream: bool = False
    """And all that these need, in any stack."""
    downstream: bool = False
    """And all that needs these, in any stack."""

    @classmethod
    def of(cls, words: Words) -> Selection:
        """Of a line after `gaia terraform`."""
        named = words.own.get("components")
        return cls(
            words.stack,
            None if named is None else listed(named),
            affected=words.on("affected"),
            query=words.own.get("query"),
        )


def listed(text: str) -> tuple[str, ...]:
    """`a, b` as names."""
    return tuple(name for one in text.split(",") if (name := one.strip()))


def instances_meant(
    repository: Repository,
    selection: Selection,
    affected: Callable[[], Collection[InstanceKey]] = frozenset,
    *,
    reverse: bool = False,
) -> tuple[Instance, ...]:
    """The instances that are selected, dependencies first (`reverse`: last, for what destroys).

    Abstract and disabled components, and those of other types, are left out. `affected` is asked only where it is
    wanted. A forgiving repository notes what cannot be built, and that is left out.

    Raises:
        NotFound: `stack-unknown`; `component-unknown` for a component that no such stack has.
        Invalid: `query-not-bool`, `dependency-cycle`.
    """
    keys = list(_named(repository, selection))
    if selection.affected:
        changed = affected()
        keys = [key for key in keys if key in changed]
    found = {one.key: one for one in repository.built(keys) if runs(one)}
    if selection.query is not None:
        found = _queried(found, selection.query)
    if selection.upstream or selection.downstream:
        found = _with_neighbors(repository, found, selection)
    return tuple(found[key] for level in order(found.values(), reverse=reverse) for key in level)


def _named(repository: Repository, selection: Selection) -> Iterator[InstanceKey]:
    stacks = frozenset(one for one in repository.stacks if _matches(one, selection.stack))
    if not stacks and selection.stack:
        from gaia.graph.analyzer import unknown_stack

        raise unknown_stack(selection.stack, repository)
    keys = [key for key in repository.instances if key.stack in stacks]
    have = {key.component for key in keys}
    for name in selection.components or ():
        if not any(_matches(one, name) for one in have):
            raise NotFound(
                "component-unknown",
                f"there is no component {name!r}" + (f" in {selection.stack}" if selection.stack else ""),
                next_step=f"There are: {', '.join(sorted(have)[:12])}.",
            )
    for key in keys:
        if selection.components is None or any(_matches(key.component, name) for name in selection.components):
            yield key


def _matches(name: str, pattern: str) -> bool:
    """Whether a name is meant; a name that has a pattern's signs in it is still one."""
    return not pattern or name == pattern or (not _GLOB.isdisjoint(pattern) and fnmatchcase(name, pattern))


def runs(instance: Instance) -> bool:
    """Whether terraform is ever run for it."""
    return instance.kind == "terraform" and not instance.abstract and instance.enabled


def _with_neighbors(
    repository: Repository, found: Mapping[InstanceKey, Instance], selection: Selection
) -> dict[InstanceKey, Instance]:
    everybody = {one.key: one for one in repository.built(repository.instances) if runs(one)}
    meant = set(found)
    for wanted, reverse in ((selection.upstream, False), (selection.downstream, True)):
        if wanted:
            meant |= _reached(found, needed(everybody.values(), reverse=reverse))
    return {key: one for key, one in everybody.items() if key in meant}


def _reached(start: Collection[InstanceKey], edges: Mapping[InstanceKey, Collection[InstanceKey]]) -> set[InstanceKey]:
    reached: set[InstanceKey] = set()
    left = list(start)
    while left:
        for key in edges.get(left.pop(), ()):
            if key not in reached:
                reached.add(key)
                left.append(key)
    return reached


def _queried(found: Mapping[InstanceKey, Instance], query: str) -> dict[InstanceKey, Instance]:
    """Those of which a query says true; most may not have what it asks for, but it says yes or no of somebody."""
    from gaia.golang.yq import evaluate

    answers = {key: evaluate(query, one.describe()) for key, one in found.items()}
    if answers and not any(isinstance(answer, bool) for answer in answers.values()):
        key, answer = next(iter(answers.items()))
        raise Invalid(
            "query-not-bool",
            f"--query gives true or false of no component, for instance {answer!r} of {key}",
            next_step="Write a comparison, for instance '.vars.team == \"data\"'.",
        )
    return {key: found[key] for key, answer in answers.items() if answer is True}
