"""The job that shows in a pull request what it would do: files, a comment, a status."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.checkout.change import ending_well
from gaia.ci.applying.before_merge import BeforeMerge, before_merge_of
from gaia.ci.applying.journals import remembering
from gaia.ci.applying.progress import Progress
from gaia.ci.applying.reviewed import Applied, differing
from gaia.ci.approvals.forks import check_allowed
from gaia.ci.approvals.needed import code_owners
from gaia.ci.code.commits import files_between, stands_for
from gaia.ci.jobs.job import STATUS
from gaia.ci.jobs.queues import check_queue
from gaia.ci.previewing import make_preview
from gaia.ci.reports.artifacts import files_of, write
from gaia.ci.reports.preview_comment import MARKER, comment
from gaia.ci.reports.preview_footer import lines_before_merge, lines_of_approvals
from gaia.ci.reports.reasons import reasons
from gaia.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.checkout.batch_model import Listener
    from gaia.ci.approvals.needed import Asked
    from gaia.ci.code.commits import Sides
    from gaia.ci.code.ground import Ground
    from gaia.ci.hosts.host import Host, PullRequest
    from gaia.ci.jobs.job import Job
    from gaia.ci.model import Made, Preview
    from gaia.ci.storage.kept import Kept


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview, as it was written and commented."""

    made: Made
    text: str
    against: tuple[str, ...] = ()
    """Of a merge queue's commit: why it is not what was approved."""

    @property
    def denied(self) -> bool:
        """Whether it may not be applied as it is."""
        return self.made.denied or bool(self.against)


def show(job: Job, sides: Sides, out: Path, *, parallel: int | None = None, listener: Listener | None = None) -> Shown:
    """Make the preview and show it: files in `out`, a comment, a status.

    Raises:
        Refused: `fork-not-allowed`. Conflict: `head-moved`, `queue-unlike`, `queue-unknown`, `preview-too-long`.
        GaiaError: what the host and the store say.
    """
    number, queued, kept = job.event.number, job.event.queued, job.kept
    pull = job.host.pull_request(number) if job.host is not None and number is not None else None
    head = _head(job, pull, sides)
    touched = files_between(job.folder, sides, job.environ)
    _check_fork(job, pull, sides, head, touched)
    with job.ground(job.folder, sides, kept.key if kept else None) as ground:
        with ending_well(ground.checkout):
            made, _ = make_preview(ground, parallel=parallel, listener=listener)
        made = _claimed(job, made, pull)
        if kept is not None and not queued:
            kept.keep(made.preview)
        asked = None
        if kept is not None and job.host is not None and number is not None:
            asked = job.asked(ground, number, made.preview, touched)
        early = before_merge_of(kept, number) if kept is not None and number is not None else BeforeMerge()
        known = map(str, ground.written.repository.forgiving().all_instances)
        footer = [*lines_before_merge(early, made.preview, known), *lines_of_approvals(asked, made)]
        against = _queued(kept, ground, made, pull, asked) if queued else ()
        text = comment(made, ground.checkout.redact, footer=footer)
        write(files_of(made, ground.checkout, text), out)
    shown = Shown(made, text, against)
    if job.host is not None and number is not None:
        if not queued:  # what was reviewed stays there to see
            _show(job.host, kept, number, made.preview, head, text)
        said = "what was approved" if queued else "nothing is against it"
        word = "; ".join(against)[:120] or ("it may not be applied as it is" if shown.denied else said)
        commit = sides.head if queued else head
        job.host.set_status(commit, STATUS, "failure" if shown.denied else "success", word, job.event.run)
    return shown


def _check_fork(job: Job, pull: PullRequest | None, sides: Sides, head: str, touched: Sequence[str]) -> None:
    if job.event.queued:
        if job.host is None or pull is None:
            raise Conflict(
                "queue-unknown",
                "CI does not say which pull request this commit of a queue is of, so nobody knows whose code it has",
                next_step="Take it out of the queue, and put it in again; the job needs a token of the host.",
            )
        check_queue(job, job.host, pull, sides)
        return
    if not job.event.fork and (pull is None or not pull.fork):
        return
    rules = code_owners(job.folder, sides.base, job.environ, job.dialect)
    check_allowed(job.host, job.event.number, head, rules, touched)
    if head != sides.head:  # that very commit is allowed, and no merge of it
        raise _moved(head, sides.head)


def _show(host: Host, kept: Kept | None, number: int, preview: Preview, head: str, text: str) -> None:
    """Comment, and note since when that is there: nobody approves of what she could not see."""
    if kept is not None:
        kept.showing(number, preview)
    said = host.put_comment(number, MARKER, text)
    if kept is not None:
        kept.shown(number, preview, head, said.changed)


def _head(job: Job, pull: PullRequest | None, sides: Sides) -> str:
    """The commit that people review: CI may have checked out what merging it would give."""
    if pull is None:
        return sides.head
    if job.event.queued or sides.head == pull.head:  # a queue may squash, and it is the host that makes its commit
        return pull.head
    if stands_for(job.folder, sides, pull.head, job.environ):
        return pull.head
    raise _moved(pull.head, sides.head)


def _claimed(job: Job, made: Made, pull: PullRequest | None) -> Made:
    """With what other pull requests have."""
    if job.kept is None or pull is None:
        return made
    number = pull.number
    acting = [one.instance for one in made.preview.parts if one.acts]
    dropped = frozenset[str]() if job.event.queued else _dropped(job.kept, number, made)
    return replace(made, held=job.claims(pull).keep_only(number, acting, dropped))


def _dropped(kept: Kept, number: int, made: Made) -> frozenset[str]:
    """What the last preview of a pull request would have changed, and this one does not touch any more."""
    try:
        last = [kept.readable(one.digest) for one in kept.plannings(number)[-1:]]
    except NotFound:  # a bucket keeps them for a while: what is not known stays claimed
        return frozenset()
    before = {part.instance for one in last if one for part in one.parts}
    before.difference_update(before_merge_of(kept, number).begun)  # the base has none of that
    return frozenset(before - {one.instance for one in made.preview.parts if one.status != "unchanged"})


def _queued(
    kept: Kept | None, ground: Ground, made: Made, pull: PullRequest | None, asked: Asked | None
) -> tuple[str, ...]:
    """Why the commit that a queue would merge is not what was approved."""
    if kept is None or pull is None or asked is None:
        return ("nobody can say what was approved: a host and a place where previews are kept are needed",)
    reviewed = kept.last_shown(pull.number, pull.head)
    checkout = remembering(ground, kept, reviewed.digest).checkout
    begun = Progress(kept, reviewed, checkout).begun(made, lambda _: False)  # applied before the merge
    return tuple(reasons(Applied(made, reviewed, asked, differing(reviewed, made, begun))))


def _moved(head: str, here: str) -> Conflict:
    return Conflict(
        "head-moved",
        f"the pull request is at {head[:12]}, and what lies here, {here[:12]}, is not that",
        next_step="Somebody has pushed meanwhile: the job for that commit plans it. Of a fork, check that commit out.",
    )
