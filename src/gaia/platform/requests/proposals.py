"""A change that no template makes: manifests that somebody proposes on a branch of the platform repository.

Only files of the stacks folder are taken, as they are at the branch's commit when it is asked for. The instances that
they make, change or take away are previewed, approved and applied as any, and the files are published.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, Next, NotFound, Position
from gaia.kit import clock, ids
from gaia.platform import refusals
from gaia.platform.requests.asking import write_down
from gaia.platform.requests.waiting import DECIDE_WITHIN
from gaia.platform.services import live_services

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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
        request = write_down(
            tx,
            platform,
            facts={"kind": "change", "commit": proposal.commit},
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


def touched(
    platform: PlatformContext, request: Request, *, commit: str, base: str
) -> tuple[list[Instance], list[Instance]]:
    """The instances that a proposal, as `commit` on top of `base`, makes or changes, and those that it takes away.

    Raises:
        Invalid: `proposal-elsewhere`, `proposal-unused`. Conflict: `change-empty`.
    """
    from gaia.graph.compare import affected

    now, was = platform.snapshot(commit), platform.snapshot(base)
    files = proposed_files(platform, request, base)
    _check_places(request, was, now, files)
    found = affected(now.repository, was.repository, list(files))
    if not found:
        raise Conflict(
            "change-empty",
            f"what the branch {request.answers['branch']} proposes changes no instance",
            next_step="Merge it without Gaia.",
        )
    return [one.instance for one in found if not one.deleted], [one.instance for one in found if one.deleted]


def check_still(platform: PlatformContext, request: Request, *, commit: str, base: str) -> None:
    """Pass where a proposal on top of others' commits still changes what was previewed, and nothing else.

    Raises:
        Invalid: as `touched`. Conflict: `proposal-wider`.
    """
    wider = sorted({str(one.key) for each in touched(platform, request, commit=commit, base=base) for one in each})
    if more := [key for key in wider if key not in request.instances]:
        raise Conflict(
            "proposal-wider",
            f"with what others have published meanwhile the branch changes {', '.join(more[:_MOST])} too",
            next_step=Next("cancel", request.id, "End it, then ask again: nobody has seen all that it does now"),
            facts={"instances": more},
        )


def _check_places(request: Request, was: Snapshot, now: Snapshot, files: Iterable[str]) -> None:
    """Each stack that a file reaches, before or after, is of the request's tenant and stage, and none is moved.

    Also where no instance differs: what is disabled today, and where a stack is, is others' business too.
    """
    folder = now.repository.config.stacks.relative_to(now.tree).as_posix()
    paths = {path.removeprefix(f"{folder}/") for path in files}
    used: set[str] = set()
    for stack in sorted({*was.repository.stacks, *now.repository.stacks}):
        reached = {path for one in (was, now) for path in _reached(one, stack) if path in paths}
        places = {place for one in (was, now) if (place := _place(one, stack))}
        used |= reached
        if places != {(request.tenant, request.stage)} and (reached or len(places) > 1):
            raise Invalid(
                "proposal-elsewhere",
                f"the branch changes {stack} too, which is of {' and '.join('/'.join(one) for one in sorted(places))}",
                next_step="Make a branch for each tenant and stage: other people answer for them.",
            )
    if unused := sorted(paths - used):
        raise Invalid(
            "proposal-unused",
            f"no stack reads {', '.join(unused[:_MOST])}, so nobody would see what it does",
            next_step="Propose only what stacks are made of; workflows and the like have a review of their own.",
            facts={"files": unused},
        )


def _reached(snapshot: Snapshot, stack: str) -> Iterator[str]:
    """The files that a stack is made of, relative to the stacks folder."""
    for manifest in snapshot.repository.manifests_of(stack):
        yield manifest
        yield from snapshot.repository.merged(manifest).reached


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
