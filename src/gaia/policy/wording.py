"""What findings say in a line each: what it is about by name, and the same sentence once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMED = 2
"""So many resources are named; of the others the number is."""


def sentences(findings: Iterable[tuple[str, str, str]]) -> list[str]:
    """`TITLE: ADDRESS: MESSAGE` of (title, address, message), in the order given; title or address may be empty.

    >>> sentences([("Seal", "a", "no"), ("Seal", "b", "no"), ("Seal", "c", "no"), ("", "", "why")])
    ['Seal: a, b and 1 more: no', 'why']
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for title, address, message in findings:
        addresses = alike.setdefault((title, message), [])
        if address not in addresses:
            addresses.append(address)
    return [
        ": ".join(filter(None, (title, _named([one for one in addresses if one]), message)))
        for (title, message), addresses in alike.items()
    ]


def _named(addresses: list[str]) -> str:
    more = len(addresses) - NAMED
    return ", ".join(addresses[:NAMED]) + (f" and {more} more" if more > 0 else "")
