"""What a repository suggests as an answer: what follows from its other stacks, or is free beside them."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository

    Suggestion = Callable[[Repository, Mapping[str, str]], str | None]
    """Of the repository and of what the new part's name says; None: nothing."""


def networks(instances: Iterable[Instance]) -> Iterator[tuple[Instance, IPv4Network]]:
    """The address ranges that instances have as `cidr_block`."""
    for one in instances:
        block = one.vars.get("cidr_block")
        try:
            found = ip_network(block) if isinstance(block, str) else None
        except ValueError:
            continue
        if isinstance(found, IPv4Network):
            yield one, found


def _free_network(repository: Repository, _: Mapping[str, str]) -> str | None:
    """A /16 of 10.0.0.0/8 that overlaps no network; round ones first."""
    taken = [one for _, one in networks(repository.built(repository.instances))]
    for second in sorted(range(256), key=lambda number: (number == 0, number % 10 != 0, number)):
        wanted = IPv4Network(f"10.{second}.0.0/16")
        if not any(wanted.overlaps(one) for one in taken):
            return str(wanted)
    return None


def _region(repository: Repository, names: Mapping[str, str]) -> str | None:
    """That of the other stacks with the same environment in their names."""
    known = (repository.stack_vars(stack) for stack in repository.stacks)
    found = {str(one.get("region", "")) for one in known if one.get("environment") == names.get("environment")}
    return found.pop() if len(found) == 1 else None


SUGGESTIONS: dict[str, Suggestion] = {"free-network": _free_network, "region-of-environment": _region}
