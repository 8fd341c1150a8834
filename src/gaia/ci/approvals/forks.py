"""A pull request from a fork: nothing of it is run before the owners of what it touches have allowed that commit.

Providers, data sources and functions of manifests are code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.ci.approvals.needed import People
from gaia.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gaia.ci.approvals.owners import CodeOwners
    from gaia.ci.hosts.host import Comment, Host

_NAMED = 5
"""So many files are named."""
_ALLOW = re.compile(r"\s*/gaia allow ([0-9a-f]{40}|[0-9a-f]{64})\s*")


def allowed_by(comments: Iterable[Comment], commit: str) -> tuple[str, ...]:
    """Who said `/gaia allow COMMIT`, and nothing else, in a comment that nobody has edited. Pure."""
    found = ((one.author, _ALLOW.fullmatch(one.text)) for one in comments if not one.edited)
    return tuple(author for author, match in found if match is not None and match[1] == commit)


def check_allowed(
    host: Host | None, number: int | None, commit: str, rules: CodeOwners, touched: Sequence[str]
) -> None:
    """Raise `Refused("fork-not-allowed")` unless the owners of every file that it touches have allowed the commit.

    Each group for itself, as for an approval; a file that nobody owns nobody can allow.

    Raises:
        GaiaError: what the host says.
    """
    needed, unowned = sorted(rules.needed(touched), key=str), rules.unowned(touched)
    said: tuple[str, ...] = ()
    if host is not None and number is not None:
        people = People(host)
        authors = dict.fromkeys(one.casefold() for one in allowed_by(host.comments(number), commit))
        said = tuple(one for one in authors if people.may_write(one))
        needed = [
            one
            for one in needed
            if sum(any(people.is_member(person, owner) for owner in one.owners) for person in said) < one.number
        ]
        if touched and not needed and not unowned:
            return
    whom = [str(one) for one in needed]
    if unowned or not touched:
        some = ", ".join(unowned[:_NAMED]) + (f" and {len(unowned) - _NAMED} more" if len(unowned) > _NAMED else "")
        whom.append(f"an owner of {some or 'these files'}, and CODEOWNERS of the base names none")
    raise Refused(
        "fork-not-allowed",
        f"this comes from a fork, and planning it would run its code; {commit[:12]} has not been allowed",
        next_step=f"Read what it changes, then have {', and '.join(whom)} comment: /gaia allow {commit}",
        facts={"commit": commit},
    )
