"""What Gaia committed for a request, and nobody published yet, where every worker finds it.

A branch is made in the clone of the worker that rendered the request; its commits are put beside the records, as git
bundles them, before anything names them, and whoever goes on takes them over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import NotFound
from gaia.records import requests

if TYPE_CHECKING:
    from gaia.platform.context import PlatformContext
    from gaia.records.model import Request


def keep(platform: PlatformContext, request: str, branch: str) -> None:
    """Put the branch where others find it; where there are no others, nothing is done."""
    if platform.shared and (bundle := platform.clone().bundle(branch)) is not None:
        platform.documents.put("commits", request, bundle)


def receive(platform: PlatformContext, request: Request) -> None:
    """Have the commits of a request here, and of what was asked for the same service before."""
    if not platform.shared:
        return
    clone = platform.clone()
    with platform.database.read() as tx:
        found = requests.find(tx, platform.repository, stack=request.stack, services=[request.service])
    missing = [one for one in found if one.branch and one.commit and clone.tip(one.branch) != one.commit]
    if missing:
        clone.fetch()
    for one in missing:
        try:
            bundle = platform.documents.get("commits", one.id)
        except NotFound:
            continue  # it was published, and is no longer needed from here
        clone.unbundle(str(one.branch), bundle)


def drop(platform: PlatformContext, request: str) -> None:
    """It is published."""
    if platform.shared:
        platform.documents.delete("commits", request)
