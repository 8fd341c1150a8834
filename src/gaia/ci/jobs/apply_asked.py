"""`/gaia apply` as a comment: what was approved of an open pull request is applied before it is merged.

Whoever may push may ask. That changes nothing about what is applied and whose yes it needs: the comment only says when.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gaia.ci.approvals.needed import People
from gaia.ci.code.commits import merged_tree, sides_of
from gaia.ci.jobs.apply import Target, carry_out, tell
from gaia.ci.reports.apply_comment import MARKER
from gaia.ci.reports.stopped_comment import stopped_comment
from gaia.errors import Conflict, GaiaError, Invalid, NotFound, Refused

if TYPE_CHECKING:
    from gaia.checkout.batch_model import Listener
    from gaia.ci.applying.reviewed import Applied
    from gaia.ci.hosts.host import Comment, Host, PullRequest
    from gaia.ci.jobs.job import Job
    from gaia.ci.storage.kept import Kept

_APPLY = re.compile(r"\s*/gaia apply\s*")


def apply_asked(
    job: Job, branch: str = "", *, parallel: int | None = None, listener: Listener | None = None
) -> tuple[Applied, str] | None:
    """Apply what was approved of the pull request in which the comment of the event stands; None of another comment.

    Planned and applied is what merging the head into its branch would give, as both are now. Of a comment that was
    answered once, that somebody edited, or that is older than the plan that people see, nothing is done.

    Raises:
        Invalid: `kept-missing`, `branch-unnamed`, `pull-request-unnamed`. NotFound: `comment-unknown`,
            `preview-missing`. Refused: `comment-edited`, `comment-not-allowed`, `fork-unmerged`. Conflict:
            `comment-answered`, `comment-outdated`, `pull-request-not-open`, `branch-other`, `merge-conflict`,
            `head-unknown`, `preview-unshown`. GaiaError: what the host and the store say.
    """
    host, kept = job.parties
    if not job.event.comment:
        return None
    if job.event.number is None:
        raise Invalid(
            "pull-request-unnamed",
            "nothing says in which pull request the comment stands",
            next_step="Name it with --pull-request.",
        )
    pull = host.pull_request(job.event.number)
    comment = _comment(host, pull.number, job.event.comment)
    if not _APPLY.fullmatch(comment.text):
        return None
    _check_asking(host, kept, pull.number, comment)
    with ExitStack() as stack:
        try:
            tip = _checked(job, host, kept, pull, comment, branch)
            folder = stack.enter_context(merged_tree(job.folder, tip, pull.head, job.environ))
            sides = sides_of(folder, tip, "HEAD", job.environ)
        except GaiaError as error:  # nothing of the pull request was read, so no secret is in it
            host.put_comment(pull.number, MARKER, stopped_comment(error, pull.head))
            raise
        target = Target(pull, folder, sides, sides.head, asked_by=comment.author)
        applied, text = carry_out(job, target, parallel=parallel, listener=listener)
    tell(job, host, pull.number, pull.head, applied, text)
    if applied.fine:
        kept.put(_answered(pull.number, comment), {"head": pull.head, "result": applied.result})
    return applied, text


def _comment(host: Host, number: int, wanted: str) -> Comment:
    """As the host has it: nothing is taken from the event but which one it is."""
    found = next((one for one in host.comments(number) if one.id == wanted), None)
    if found is None:
        raise NotFound(
            "comment-unknown",
            f"pull request {number} has no comment {wanted!r} any more",
            next_step="Write it anew: /gaia apply",
        )
    return found


def _check_asking(host: Host, kept: Kept, number: int, comment: Comment) -> None:
    if comment.edited:
        raise Refused(
            "comment-edited",
            "the comment was edited, and who did that is not known",
            next_step="Write a new one: /gaia apply",
        )
    if not People(host).may_write(comment.author):
        raise Refused(
            "comment-not-allowed",
            f"{comment.author or 'an account that is gone'} may not push to the repository, and so asks for nothing",
            next_step="Have somebody who may push comment: /gaia apply",
        )
    if kept.get(_answered(number, comment)) is not None:
        raise Conflict(
            "comment-answered",
            "what this comment asked for was done, and it is not done twice",
            next_step="Where something is left to do, write a new one: /gaia apply",
        )


def _checked(job: Job, host: Host, kept: Kept, pull: PullRequest, comment: Comment, branch: str) -> str:
    """Where the branch is now that this pull request is for, if it may be applied before it is merged."""
    if pull.state != "open" or pull.draft:
        raise Conflict(
            "pull-request-not-open",
            f"pull request {pull.number} is {'a draft' if pull.state == 'open' else pull.state}",
            next_step="A comment applies what is open and ready for review; the job of the branch what was merged.",
        )
    if pull.fork:
        raise Refused(
            "fork-unmerged",
            "this comes from a fork, and nothing of a fork is applied before it is merged",
            next_step="Merge it: what was approved is applied then.",
        )
    found = job.branch_of(pull, branch)
    kept.last_shown(pull.number, pull.head)
    shown = max(one.at for one in kept.plannings(pull.number) if one.head == pull.head)
    if comment.at <= shown:
        raise Conflict(
            "comment-outdated",
            f"the plan of {pull.head[:12]} was not there yet when {comment.author} asked for it to be applied",
            next_step="Look at the plan that is there now, then write a new one: /gaia apply",
        )
    return host.tip(found)


def _answered(number: int, comment: Comment) -> str:
    return f"answered/{number}/{comment.id}"
