"""What Gaia committed for a request, and nobody published yet, where every worker finds it.

A branch is made in the clone of the worker that rendered the request; its commits are put beside the records, as git
bundles them, before anything names them, and whoever goes on takes them over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import NotFound
from gaia.records import requests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gaia.platform.context import PlatformContext
    from gaia.records.database import Database
    from gaia.records.model import Request
    from gaia.records.ports import Documents
    from gaia.scaffold.clone import Clone


def keep(platform: PlatformContext, request: str, branch: str) -> None:
    """Put the branch where others find it; where there are no others, nothing is done."""
    if platform.shared and (bundle := platform.clone().bundle(branch)) is not None:
        platform.documents.put("commits", request, bundle)


def receive(platform: PlatformContext, request: Request) -> None:
    """Have the branch of a request here, and those of what was asked for the same service before."""
    if not platform.shared:
        return
    with platform.database.read() as tx:
        found = requests.find(tx, platform.repository, stack=request.stack, services=[request.service])
    _take_over(platform.clone(), platform.documents, found)


def bring(database: Database, documents: Documents, clone: Clone, repository: str, commit: str) -> None:
    """Have a commit here that Gaia made for some request; one that is here, or that no request has, is no error."""
    if clone.has(commit):
        return
    with database.read() as tx:
        _take_over(clone, documents, requests.of_commit(tx, repository, commit))


def _take_over(clone: Clone, documents: Documents, found: Iterable[Request]) -> None:
    missing = [one for one in found if one.branch and one.commit and clone.tip(one.branch) != one.commit]
    if missing:
        clone.fetch()
    for one in missing:
        try:
            bundle = documents.get("commits", one.id)
        except NotFound:
            continue  # it was published, and has been fetched just now
        clone.unbundle(str(one.branch), bundle)


def drop(platform: PlatformContext, request: str) -> None:
    """It is published."""
    if platform.shared:
        platform.documents.delete("commits", request)
