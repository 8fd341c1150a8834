"""Which instances a command line without a component means, in the order of their dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.graph.order import order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gaia.checkout.words import Words
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository


def instances_meant(
    repository: Repository, words: Words, affected: Callable[[], Collection[InstanceKey]], *, reverse: bool
) -> tuple[Instance, ...]:
    """The instances that `--all`, `--affected`, `--components` and `--query` choose together, dependencies first.

    Abstract and disabled components, and those of other types, are left out. `affected` is asked only for `--affected`;
    `reverse` is for what destroys. A forgiving repository notes what cannot be built, and that is left out.

    Raises:
        NotFound: `stack-unknown`; `component-unknown` for one of `--components` that no stack has.
        Invalid: `query-not-bool`.
    """
    if words.stack and words.stack not in repository.stacks:
        from gaia.graph.analyzer import unknown_stack

        raise unknown_stack(words.stack, repository)
    keys = [key for key in repository.instances if not words.stack or key.stack == words.stack]
    if (named := words.own.get("components")) is not None:
        names = [name.strip() for name in named.split(",") if name.strip()]
        have = {key.component for key in keys}
        for name in names:
            if name not in have:
                raise NotFound(
                    "component-unknown",
                    f"there is no component {name!r}" + (f" in {words.stack}" if words.stack else ""),
                    next_step=f"There are: {', '.join(sorted(have)[:12])}.",
                )
        keys = [key for key in keys if key.component in names]
    if words.on("affected"):
        changed = affected()
        keys = [key for key in keys if key in changed]
    found = [one for one in repository.built(keys) if one.kind == "terraform" and not one.abstract and one.enabled]
    if (query := words.own.get("query")) is not None:
        found = [one for one in found if _fits(one, query)]
    by_key = {one.key: one for one in found}
    return tuple(by_key[key] for level in order(found, reverse=reverse) for key in level)


def _fits(instance: Instance, query: str) -> bool:
    from gaia.golang.yq import evaluate

    answer = evaluate(query, instance.describe())
    if not isinstance(answer, bool):
        raise Invalid(
            "query-not-bool",
            f"--query gives {answer!r} of {instance.key}, not true or false",
            next_step="Write a comparison, for instance '.vars.team == \"data\"'.",
        )
    return answer
