"""A pull request from a fork: nothing of it is run before an owner of what it touches has released that very commit.

Providers, data sources and functions of manifests are code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.ci.needed_approvals import People
from gaia.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gaia.ci.hosts.host import Comment, Host
    from gaia.ci.owners import Needed

_RELEASE = re.compile(r"\s*/gaia release ([0-9a-f]{40}|[0-9a-f]{64})\s*")


def released_by(comments: Iterable[Comment], commit: str) -> tuple[str, ...]:
    """Who said `/gaia release COMMIT`, and nothing else, in a comment that nobody has edited. Pure."""
    found = ((one.author, _RELEASE.fullmatch(one.text)) for one in comments if not one.edited)
    return tuple(author for author, match in found if match is not None and match[1] == commit)


def check_released(host: Host | None, number: int | None, commit: str, needed: Iterable[Needed]) -> None:
    """Raise `Refused("fork-unreleased")` unless an owner has released the commit. `needed`: whose files it touches.

    Raises:
        GaiaError: what the host says.
    """
    owners = {owner for one in needed for owner in one.owners}
    if host is not None and number is not None:
        people = People(host)
        for person in released_by(host.comments(number), commit):
            if people.may_write(person) and any(people.is_member(person, owner) for owner in owners):
                return
    whom = f"one of {', '.join(sorted(owners))}" if owners else "an owner of these files, and CODEOWNERS names none"
    raise Refused(
        "fork-unreleased",
        f"this comes from a fork, and planning it would run its code; {commit[:12]} has not been released",
        next_step=f"Read what it changes, then have {whom} comment: /gaia release {commit}",
        facts={"commit": commit},
    )
