"""What others still need is not destroyed: a retirement, and a change that drops an instance, ask the same question.

Everybody counts whose manifest is published, and who was begun and is not published yet. What they read of a state, or
declare to depend on, is what `gaia.graph` draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError
from gaia.platform.instances.definitions import Definitions, unpublished

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gaia.platform.context import PlatformContext
    from gaia.platform.snapshot import Snapshot
    from gaia.records.model import Request
    from gaia.stacks.model import Instance, InstanceKey

_MOST = 5
"""Names in one error."""


def check_unneeded(platform: PlatformContext, request: Request, commit: str, base: str) -> None:
    """Pass where nothing at `commit` needs what the request destroys; what leaves is defined at `base` or before.

    Raises:
        Conflict: `still-needed`, which names those of the request's own place, and counts the others: who reads it may
            not see them.
    """
    gone = request.instances if request.is_retirement else request.leaving
    if not gone:
        return
    definitions = Definitions(platform, request, commit, base)
    leaving, snapshot = [definitions.instance(key) for key in gone], platform.snapshot(commit)
    found = {
        needing: needed
        for needing, needed in (*_published(snapshot, leaving), *_begun(platform, snapshot, request, leaving))
        if str(needing) not in gone
    }
    if not found:
        return
    mine = [key for key in sorted(found) if _same_place(snapshot, key, request)]
    named = [f"{found[key]} is needed by {key}" for key in mine[:_MOST]]
    if others := len(found) - len(named):
        named.append(f"{others} {'more need' if mine else 'elsewhere need'} something of it")
    raise Conflict(
        "still-needed",
        f"others need what {request.service} in {request.stack} would lose: {'; '.join(named)}",
        next_step="Change or retire what needs it first, then ask again.",
        facts={"needed_by": [str(key) for key in mine], "others": len(found) - len(mine)},
    )


def _published(snapshot: Snapshot, leaving: Sequence[Instance]) -> Iterator[tuple[InstanceKey, InstanceKey]]:
    """Who needs one of them as the stacks say, and which."""
    from gaia.graph.index import ReverseIndex

    index = ReverseIndex(snapshot.repository)
    for target in leaving:
        yield from ((one.key, target.key) for one, _ in index.needing(target))


def _begun(
    platform: PlatformContext, snapshot: Snapshot, request: Request, leaving: Iterable[Instance]
) -> Iterator[tuple[InstanceKey, InstanceKey]]:
    """The same of what others began to make and have not published."""
    from gaia.graph.needs import needs
    from gaia.graph.order import Known

    known, here = Known(leaving), {str(key) for key in snapshot.repository.instances}
    for one in unpublished(platform, here, but=(request.stack, request.service)):
        yield from ((one.key, target) for need in needs(one) for target in known.targets(need))


def _same_place(snapshot: Snapshot, key: InstanceKey, request: Request) -> bool:
    """Whether who sees the request sees the instance too; not where nobody can say."""
    try:
        scope = snapshot.scope(key.stack)
    except GaiaError:
        return False
    return (scope.tenant, scope.stage) == (request.tenant, request.stage)
