"""The job that applies what was reviewed of a merged pull request, and comments how that ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from gaia.checkout.change import ending_well
from gaia.ci.applying.before_merge import BeforeMerge, before_merge_of, note_before_merge
from gaia.ci.applying.journals import remembering
from gaia.ci.applying.progress import Progress
from gaia.ci.applying.reviewed import Applied, apply_reviewed, differing_as_written, overtaken
from gaia.ci.code.commits import files_between, is_ancestor, top_of
from gaia.ci.code.content import content_of
from gaia.ci.jobs.job import STATUS
from gaia.ci.model import Made
from gaia.ci.previewing import affected_as_written, inputs_as_written, make_preview
from gaia.ci.reports.apply_comment import MARKER, before_and_after, ended_comment
from gaia.errors import Conflict, NotFound
from gaia.stacks.model import InstanceKey
from gaia.states.places import FilePlace
from gaia.states.reading import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.checkout.batch_model import Listener
    from gaia.ci.approvals.needed import Asked
    from gaia.ci.code.commits import Sides
    from gaia.ci.code.ground import Ground
    from gaia.ci.hosts.host import Host, PullRequest
    from gaia.ci.jobs.job import Job
    from gaia.ci.model import Preview


@dataclass(frozen=True, slots=True)
class Target:
    """What is applied."""

    pull: PullRequest
    folder: Path
    """Where its files lie."""
    sides: Sides
    tip: str
    """Where the branch is now; of one that is not merged yet, the head of these sides."""
    asked_by: str = ""
    """Of one that is not merged yet: who asked for it."""


def apply_merged(
    job: Job, sides: Sides, branch: str = "", *, parallel: int | None = None, listener: Listener | None = None
) -> tuple[Applied, str]:
    """Apply what was reviewed of the pull request that became the commit that lies here, and comment how it ended.

    `branch` is the one whose pull requests are applied, by default the repository's default branch. Nothing of the
    commit is run before all that can be asked without that has been asked.

    Raises:
        Invalid: `kept-missing`, `branch-unnamed`. Conflict: `pull-request-unmerged`, `branch-other`,
            `branch-elsewhere`, `base-of-its-own`, `preview-unshown`. NotFound: `pull-request-unknown`,
            `preview-missing`.
        GaiaError: what the host and the store say.
    """
    pull = _merged(job, sides.head)
    job = job.about(pull.number)
    host, _ = job.parties
    target = Target(pull, job.folder, sides, _tip(job, host, pull, sides, branch))
    applied, text = carry_out(job, target, parallel=parallel, listener=listener)
    if applied.fine:
        job.claims(pull).give_back(pull.number, [one.instance for one in applied.reviewed.parts])
    tell(job, host, pull.number, sides.head, applied, text)
    return applied, text


def carry_out(
    job: Job, target: Target, *, parallel: int | None = None, listener: Listener | None = None
) -> tuple[Applied, str]:
    """Apply what was reviewed of the head, as it lies there, if all is as it should be; and what to comment.

    Raises:
        See `apply_merged`.
    """
    _, kept = job.parties
    pull, sides = target.pull, target.sides
    reviewed = kept.last_shown(pull.number, pull.head)
    touched = files_between(target.folder, sides, job.environ)

    with job.ground(target.folder, sides, kept.key) as found:
        ground = remembering(found, kept, reviewed.digest)
        checkout = ground.checkout
        asked = partial(job.asked, ground, pull.number, reviewed, touched)
        applied = _unrun(job, ground, target, reviewed, asked())
        before = before_merge_of(kept, pull.number)
        if applied.fine and target.asked_by:
            _check_states(ground, reviewed)
        if applied.fine:
            if target.asked_by:  # from here on its instances are its own until it ends
                note_before_merge(kept, pull.number, BeforeMerge(pull.head, target.asked_by, _acting(reviewed)))
            with ending_well(checkout):
                made, batch = make_preview(ground, parallel=parallel, listener=listener, changing=True)
            # Whoever said yes may have taken it back meanwhile.
            applied = apply_reviewed(made, batch, reviewed, asked(), Progress(kept, reviewed, checkout))
        if target.asked_by and applied.ends:
            done = tuple(
                name
                for name, status in ((str(one.key), one.status) for one in applied.ends)
                if status == "applied" or (status == "unchanged" and name in before.begun)
            )
            note_before_merge(kept, pull.number, BeforeMerge(pull.head, target.asked_by, (), done))
        about = before_and_after(applied, pull.base_branch, target.asked_by, before)
        return applied, ended_comment(applied, checkout.redact, pull.head, about)


def tell(job: Job, host: Host, number: int, commit: str, applied: Applied, text: str) -> None:
    """Say how it ended."""
    host.put_comment(number, MARKER, text)
    word = applied.result if applied.fine else f"nothing or not everything was applied: {applied.result}"
    host.set_status(commit, f"{STATUS} apply", "success" if applied.fine else "failure", word, job.event.run)


def _unrun(job: Job, ground: Ground, target: Target, reviewed: Preview, asked: Asked) -> Applied:
    """What is against an application, as far as that is known before anything of the commit is run."""
    here = affected_as_written(ground)
    parts = [InstanceKey.parse(one.instance) for one in reviewed.parts]
    now = inputs_as_written(ground, list(dict.fromkeys([*parts, *here])))
    named = {str(key): inputs for key, inputs in now.items()}
    acting = _acting(reviewed)
    found = differing_as_written(reviewed, named)
    if not found and target.tip != ground.sides.head:
        with job.files_at(ground.checkout.root, target.tip) as files:
            later = {one: content_of(files, InstanceKey.parse(one)) for one in acting}
        found = overtaken(named, later)
    held = job.claims(target.pull).against(target.pull.number, acting)
    return Applied(Made(replace(reviewed, head=ground.sides.head), (), {}, held=held), reviewed, asked, found)


def _check_states(ground: Ground, reviewed: Preview) -> None:
    """Raise where a state would lie among files that are gone when the job ends."""
    repository, acting = ground.written.repository.forgiving(), _acting(reviewed)
    reader, top = Reader(ground.checkout.ground), top_of(ground.checkout.root, ground.checkout.shell).resolve()
    for one in repository.built([key for key in repository.instances if str(key) in acting]):
        place = reader.place(one)
        if isinstance(place, FilePlace) and place.path.resolve().is_relative_to(top):
            raise Conflict(
                "state-in-checkout",
                f"the state of {one.key} is a file beside its code, and what merging gives lies there for this job",
                next_step="Put states in a backend that all jobs reach, or merge: what was approved is applied then.",
            )


def _acting(reviewed: Preview) -> tuple[str, ...]:
    return tuple(one.instance for one in reviewed.parts if one.acts)


def _tip(job: Job, host: Host, pull: PullRequest, sides: Sides, branch: str) -> str:
    """Where the branch is now whose pull requests are applied: what this one became lies on it."""
    found = job.branch_of(pull, branch)
    if any(one.number == pull.number for one in host.pull_requests_of(sides.base)):
        raise Conflict(
            "base-of-its-own",
            f"{sides.base[:12]} came with pull request {pull.number} itself, so who owns what is not read there",
            next_step="Name what the branch was before it was merged: --base COMMIT.",
        )
    tip = host.tip(found)
    if not all(is_ancestor(job.folder, one, tip, job.environ) for one in (sides.base, sides.head)):
        raise Conflict(
            "branch-elsewhere",
            f"{found} is at {tip[:12]}, and git does not know here that {sides.head[:12]} and what it was merged "
            "into lie on it",
            next_step="Fetch the whole branch, as a new run of the job does, and apply what was merged into it.",
        )
    return tip


def _merged(job: Job, commit: str) -> PullRequest:
    """The pull request that became a commit."""
    host = job.named_host
    if job.event.number is not None:
        pull = host.pull_request(job.event.number)
        if pull.state != "merged" or pull.merged != commit:
            raise Conflict(
                "pull-request-unmerged",
                f"pull request {pull.number} is {pull.state}, and {commit[:12]} is not what it became",
                next_step="Apply the commit that the base branch got by the merge.",
            )
        return pull
    found = [one for one in host.pull_requests_of(commit) if one.state == "merged" and one.merged == commit]
    if len(found) != 1:
        raise NotFound(
            "pull-request-unknown",
            f"{'more than one pull request' if found else 'no pull request'} became {commit[:12]}",
            next_step="What nobody reviewed is not applied: open a pull request with what is to be done, or name the "
            "one that was merged with --pull-request.",
        )
    return found[0]
