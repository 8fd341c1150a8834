"""Publishing what was applied, and taking that back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.kit import clock
from gaia.platform.approvals.signing import signed
from gaia.platform.engine.steps import Stop
from gaia.records import requests

if TYPE_CHECKING:
    from gaia.platform.context import RunContext


def publish(context: RunContext) -> dict[str, Any]:
    """Fast-forward the platform repository to the request's commit, rebased where others were faster."""
    signed(context)
    if context.request.puts_back:  # which is published
        return {"commit": str(context.request.commit)}
    commit = context.platform.clone().publish(str(context.request.branch))
    with context.platform.database.begin() as tx:
        requests.note(tx, context.request.id, at=clock.now(), commit=commit)
    context.say(f"published {commit[:12]}")
    return {"commit": commit}


def unpublish(context: RunContext) -> Stop | dict[str, Any]:
    """Publish the manifest as it was before, or its absence; others' commits stay.

    Where somebody has edited it since, that stays: the step stops.
    """
    signed(context)
    request, clone = context.request, context.platform.clone()
    head = clone.fetch()
    commits = (str(context.results["publish"]["commit"]), str(context.results["rebase"]["base"]), head)
    found = {path: tuple(_content(context, commit, path) for commit in commits) for path in request.manifests}
    edited = tuple(path for path, (wrote, before, now) in found.items() if now not in (wrote, before))
    if edited:
        why = f"{', '.join(edited)} was edited since it was published"
        return Stop("stopped", "manifest-edited", why, edited)
    files = {path: before for path, (_, before, now) in found.items() if now != before}
    if not files:
        return {"commit": head}
    branch = f"gaia/{request.id}-undo"
    message = f"Undo {request.service} in {request.stack}\n\nGaia-Request: {request.id}\n"
    clone.propose(branch, head, files, message)
    commit = clone.publish(branch)
    context.say(f"published {commit[:12]}, without what had failed")
    return {"commit": commit}


def _content(context: RunContext, commit: str, path: str) -> bytes | None:
    file = context.snapshot(commit).tree / path
    return file.read_bytes() if file.is_file() else None
