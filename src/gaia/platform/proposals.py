"""A change that no template makes: manifests that somebody proposes on a branch of the platform repository.

Only files of the stacks folder are taken, as they are at the branch's commit when it is asked for. The instances that
they make, change or take away are previewed, approved and applied as any, and the files are published.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, NotFound, Position
from gaia.kit import clock, ids
from gaia.platform import live_services, refusals
from gaia.platform.steps import PREVIEW_STEPS
from gaia.platform.waiting import DECIDE_WITHIN
from gaia.records import requests, runs

if TYPE_CHECKING:
    from datetime import timedelta

    from gaia.platform.acting import Acting
    from gaia.platform.context import PlatformContext
    from gaia.platform.snapshot import Snapshot
    from gaia.records.model import Request
    from gaia.scaffold.proposal import Proposal
    from gaia.stacks.model import Instance

_MOST = 5
"""Names in one error."""
_ODD = re.compile(r"[^a-z0-9]+")


def ask_from_branch(
    platform: PlatformContext, acting: Acting, branch: str, stack: str, *, expires: timedelta | None = None
) -> str:
    """Write down that what a branch proposes for a stack, or for all of its tenant and stage, is to be; the request.

    Raises:
        NotFound: `stack-unknown`, `branch-unknown`. Unavailable: `repository-unreachable`.
        Invalid: `branch-invalid`, `proposal-not-files`, `proposal-outside`, `proposal-elsewhere`, `proposal-retires`,
            or what is wrong with the manifests. Conflict: `change-empty`, `service-busy`, `proposal-conflict`.
    """
    base = platform.clone().fetch()
    snapshot = platform.snapshot(base)
    missing, act, what = refusals.stack_unknown(stack), "request.change", f"{stack}/{branch}"
    try:
        scope = snapshot.scope(stack)
    except NotFound:
        raise missing from None
    with acting.doing("request", act, what, missing=missing, where=scope):
        pass  # who may not ask learns nothing of branches
    proposal = platform.clone().proposal(branch)
    answers = {"branch": branch, "commit": proposal.commit, "base": proposal.base}
    _check_paths(platform, snapshot, proposal, branch)
    service = f"branch-{_ODD.sub('-', branch.lower()).strip('-')[:50]}".rstrip("-")
    with acting.doing("request", act, what, missing=missing, where=scope) as (tx, caller):
        now = clock.now()
        request = requests.add(
            tx,
            repository=platform.repository,
            tenant=scope.tenant,
            stage=scope.stage,
            stack=stack,
            service=service,
            kind="change",
            template="",
            template_version="",
            answers=answers,
            requester=caller.id,
            at=now,
            expires_at=now + (expires or DECIDE_WITHIN),
            named=ids.new_id("req"),
        )
        if (stack, service) in live_services.by_name(tx, platform.repository, stack):
            raise refusals.name_taken(service, stack)
        runs.add(tx, request, "preview", PREVIEW_STEPS, at=now)
        platform.audit.about(tx, caller.id, "request.submitted", request, kind="change", commit=proposal.commit)
    return request.id


def proposed_files(platform: PlatformContext, request: Request, base: str) -> dict[str, bytes | None]:
    """The files that a request proposes, on top of `base`.

    Raises:
        Conflict: `proposal-moved`, where the commit is nowhere any more; `proposal-conflict`.
    """
    clone, answers = platform.clone(), request.answers
    proposal = clone.proposal(str(answers["branch"]))
    if proposal.commit != answers["commit"]:
        raise Conflict(
            "proposal-moved",
            f"the branch {answers['branch']} has moved since it was asked for",
            next_step="Ask again, for what it proposes now.",
        )
    trees = [platform.snapshot(commit).tree for commit in (proposal.base, base, proposal.commit)]
    files, conflicts = {}, []
    for path in proposal.paths:
        before, now, after = ((tree / path).read_bytes() if (tree / path).is_file() else None for tree in trees)
        if now not in (before, after):
            conflicts.append(path)
        if now != after:
            files[path] = after
    if conflicts:
        raise Conflict(
            "proposal-conflict",
            f"others changed {', '.join(conflicts[:_MOST])} since the branch was made",
            next_step="Bring the branch up to date, then ask again.",
            facts={"files": conflicts},
        )
    return files


def touched(platform: PlatformContext, request: Request) -> tuple[list[Instance], list[Instance]]:
    """The instances that a proposal makes or changes, and those that it takes away.

    Raises:
        Invalid: `proposal-elsewhere`. Conflict: `change-empty`.
    """
    from gaia.graph.compare import affected

    now, was = platform.snapshot(str(request.commit)), platform.snapshot(str(request.base))
    found = affected(now.repository, was.repository, list(proposed_files(platform, request, str(request.base))))
    if not found:
        raise Conflict(
            "change-empty",
            f"what the branch {request.answers['branch']} proposes changes no instance",
            next_step="Merge it without Gaia.",
        )
    places = [(one.key, _place(at, one.key.stack)) for one in found for at in (was, now)]
    for key, place in places:  # before it too: a branch that says that a stack is elsewhere is not believed
        if place and place != (request.tenant, request.stage):
            raise Invalid(
                "proposal-elsewhere",
                f"the branch changes {key} too, which is of {'/'.join(place)}",
                next_step="Make a branch for each tenant and stage: other people answer for them.",
            )
    return [one.instance for one in found if not one.deleted], [one.instance for one in found if one.deleted]


def _place(snapshot: Snapshot, stack: str) -> tuple[str, ...]:
    """Tenant and stage of a stack at a commit; nothing where there is none of that name."""
    try:
        scope = snapshot.scope(stack)
    except NotFound as error:
        if error.code != "stack-unknown":
            raise
        return ()
    return scope.tenant, scope.stage


def _check_paths(platform: PlatformContext, snapshot: Snapshot, proposal: Proposal, branch: str) -> None:
    """Only manifests are taken, and none of a service is deleted: that would leave nobody to answer for it."""
    folder = snapshot.repository.config.stacks.relative_to(snapshot.tree).as_posix()
    outside = [path for path in proposal.paths if not path.startswith(f"{folder}/")]
    if outside:
        raise Invalid(
            "proposal-outside",
            f"the branch {branch} changes more than {folder}/: {', '.join(outside[:_MOST])}",
            next_step="Propose components, policies and templates by a review of their own.",
            facts={"files": outside},
        )
    if not proposal.paths:
        raise Conflict("change-empty", f"the branch {branch} proposes nothing", next_step="Commit something to it.")
    with platform.database.read() as tx:
        live = {one.manifest: one for one in live_services.by_name(tx, platform.repository).values()}
    tree = platform.snapshot(proposal.commit).tree
    for path in proposal.paths:
        if path in live and not (tree / path).is_file():
            raise Invalid(
                "proposal-retires",
                f"the branch {branch} deletes {path}, which is the service {live[path].service}",
                next_step="Retire the service instead.",
                at=Position(path, 1),
            )
