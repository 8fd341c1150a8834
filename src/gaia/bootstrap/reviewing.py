"""What is done about a pull request: its preview is made and shown, and what was reviewed is applied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from gaia.checkout.change import ending_well
from gaia.ci.apply_comment import MARKER as ENDED
from gaia.ci.apply_comment import ended_comment
from gaia.ci.apply_progress import Progress
from gaia.ci.applying import Applied, apply_reviewed, differing, differing_as_written, overtaken, reasons
from gaia.ci.artifacts import files_of, write
from gaia.ci.claims import Claims
from gaia.ci.commits import files_between, is_ancestor, stands_for
from gaia.ci.forks import check_released
from gaia.ci.journals import KeptRecords
from gaia.ci.model import Made
from gaia.ci.needed_approvals import asked_of, code_owners, owners_of
from gaia.ci.preview_comment import MARKER, comment
from gaia.ci.previewing import affected_as_written, content_of, inputs_as_written, make_preview
from gaia.errors import Conflict, Invalid, NotFound
from gaia.graph.base import DEFAULT
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.bootstrap.pull_requests import PullRequests
    from gaia.checkout.batch_model import Listener
    from gaia.ci.approvals import Lacking
    from gaia.ci.commits import Sides
    from gaia.ci.event import Event
    from gaia.ci.ground import Ground
    from gaia.ci.hosts.host import Host, PullRequest
    from gaia.ci.kept import Kept
    from gaia.ci.model import Preview
    from gaia.ci.needed_approvals import Asked

STATUS = "gaia"
"""The name of the check at a commit."""
_NAMED = 10
"""So many instances that need the same are named."""


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


@dataclass(frozen=True)
class Reviewing:
    """One job of CI about one pull request; without a host only files are written."""

    requests: PullRequests
    event: Event
    host: Host | None = None
    kept: Kept | None = None

    @property
    def base(self) -> str:
        """What to compare with: as CI says it, the base branch as the host says it, the remote's main branch.

        Raises:
            GaiaError: what the host says.
        """
        if self.event.base or self.host is None or self.event.number is None:
            return self.event.base or DEFAULT
        return f"origin/{self.host.pull_request(self.event.number).base_branch}"

    def plan(self, sides: Sides, out: Path, *, parallel: int | None = None, listener: Listener | None = None) -> Shown:
        """Make the preview and show it: files in `out`, a comment, a status.

        Raises:
            Refused: `fork-unreleased`. Conflict: `head-moved`, `preview-too-long`. What the host and the store say.
        """
        environ, number = self.requests.app.settings.environ, self.event.number
        pull = self.host.pull_request(number) if self.host is not None and number is not None else None
        head = self._head(pull, sides)
        touched = files_between(self.requests.folder, sides, environ)
        if self.event.fork or (pull is not None and pull.fork):
            rules = code_owners(self.requests.folder, sides.base, environ, gitlab=self._gitlab)
            check_released(self.host, number, head, rules, touched)
            if head != sides.head and not self.event.queued:  # that very commit is released, and no merge of it
                raise _moved(head, sides.head)
        with self.requests.ground(sides) as ground:
            with ending_well(ground.checkout):
                made, _ = make_preview(ground, parallel=parallel, listener=listener)
            made = self._claimed(made)
            if self.kept is not None and not self.event.queued:
                self.kept.keep(made.preview)
            asked = self._asked(ground, number, made.preview, touched)
            against = self._queued(made, pull, asked) if self.event.queued else ()
            text = comment(made, ground.checkout.redact, footer=_footer(asked))
            write(files_of(made, ground.checkout, text), out)
        shown = Shown(made, text, against)
        if self.host is not None and number is not None:
            if not self.event.queued:  # what was reviewed stays there to see
                self._show(self.host, number, made.preview, head, text)
            said = "what was approved" if self.event.queued else "nothing is against it"
            word = "; ".join(against)[:120] or ("it may not be applied as it is" if shown.denied else said)
            commit = sides.head if self.event.queued else head
            self.host.set_status(commit, STATUS, "failure" if shown.denied else "success", word, "")
        return shown

    def _show(self, host: Host, number: int, preview: Preview, head: str, text: str) -> None:
        """Comment, and note since when that is there: nobody approves of what she could not see."""
        if self.kept is not None:
            self.kept.showing(number, preview)
        said = host.put_comment(number, MARKER, text)
        if self.kept is not None:
            self.kept.shown(number, preview, head, said.changed)

    @property
    def _gitlab(self) -> bool:
        return self.host is not None and self.host.name == "gitlab"

    def _head(self, pull: PullRequest | None, sides: Sides) -> str:
        """The commit that people review: CI may have checked out what merging it would give."""
        if pull is None:
            return sides.head
        if self.event.queued:  # a queue may squash what it merges, and it is the host that makes its commit
            return pull.head
        if sides.head == pull.head:
            return pull.head
        if stands_for(self.requests.folder, sides, pull.head, self.requests.app.settings.environ):
            return pull.head
        raise _moved(pull.head, sides.head)

    def _claimed(self, made: Made) -> Made:
        """With what other pull requests have."""
        if self.kept is None or self.host is None or self.event.number is None:
            return made
        claims = Claims(self.kept, cache(self._is_open))
        acting = [one.instance for one in made.preview.parts if one.acts]
        return replace(made, held=claims.keep_only(self.event.number, acting, self._dropped(self.event.number, made)))

    def _dropped(self, number: int, made: Made) -> frozenset[str]:
        """What the last preview of a pull request would have changed, and this one does not touch any more."""
        assert self.kept is not None  # noqa: S101 - asked before
        last = () if self.event.queued else self.kept.plannings(number)[-1:]
        try:
            before = {part.instance for one in last for part in self.kept.preview(one.digest).parts}
        except NotFound:  # a bucket keeps them for a while: what is not known stays claimed
            return frozenset()
        return frozenset(before - {one.instance for one in made.preview.parts if one.status != "unchanged"})

    def _asked(self, ground: Ground, number: int | None, preview: Preview, touched: Sequence[str]) -> Asked | None:
        """What approvals a preview has and lacks; None where nobody can be asked."""
        if self.kept is None or self.host is None or number is None:
            return None
        return self._asked_at(self.host, self.kept, ground, number, preview, touched)

    def _asked_at(
        self, host: Host, kept: Kept, ground: Ground, number: int, preview: Preview, touched: Sequence[str]
    ) -> Asked:
        """The same where somebody can be asked, which an application needs."""
        repository = ground.written.repository.forgiving()  # no function is run to find out whose yes it needs
        asking = {one.instance for one in preview.parts if one.asks}
        keys = [one for one in repository.instances if str(one) in asking]
        needed = owners_of(ground, list(repository.built(keys)), touched, gitlab=self._gitlab)
        return asked_of(host, kept, number, preview, needed)

    def _queued(self, made: Made, pull: PullRequest | None, asked: Asked | None) -> tuple[str, ...]:
        """Why the commit that a queue would merge is not what was approved."""
        if self.kept is None or pull is None or asked is None:
            return ("nobody can say what was approved: a host and a place where previews are kept are needed",)
        reviewed = self._reviewed(pull)
        return tuple(reasons(Applied(made, reviewed, asked, differing(reviewed, made))))

    def _reviewed(self, pull: PullRequest) -> Preview:
        """The last preview of the head."""
        assert self.kept is not None  # noqa: S101 - asked before
        return self.kept.last_shown(pull.number, pull.head)

    def apply(
        self, sides: Sides, branch: str = "", *, parallel: int | None = None, listener: Listener | None = None
    ) -> tuple[Applied, str]:
        """Apply what was reviewed of the pull request that became the commit that lies here, and comment how it ended.

        `branch` is the one whose pull requests are applied, by default the repository's default branch. Nothing of the
        commit is run before all that can be asked without that has been asked.

        Raises:
            Invalid: `kept-missing`, `branch-unnamed`. Conflict: `pull-request-unmerged`, `branch-other`,
                `branch-elsewhere`, `preview-unshown`. NotFound: `pull-request-unknown`, `preview-missing`.
            GaiaError: what the host and the store say.
        """
        if self.kept is None or self.host is None:
            raise Invalid(
                "kept-missing",
                "nothing says where the reviewed preview is kept",
                next_step="Give --kept the place that it was planned with, and set GAIA_KEY to the same key.",
            )
        pull = self._merged(sides.head)
        tip = self._tip(self.host, pull, sides, branch or self.event.branch)
        reviewed = self._reviewed(pull)
        touched = files_between(self.requests.folder, sides, self.requests.app.settings.environ)
        with self.requests.ground(sides) as found:
            records = KeptRecords(found.checkout.workplace, found.files.waivers, self.kept, reviewed.digest)
            ground = replace(found, checkout=replace(found.checkout, records=records))
            checkout = ground.checkout
            asked = partial(self._asked_at, self.host, self.kept, ground, pull.number, reviewed, touched)
            applied = self._unrun(ground, pull.number, reviewed, asked(), tip)
            if applied.fine:
                with ending_well(checkout):
                    made, batch = make_preview(ground, parallel=parallel, listener=listener, changing=True)
                # Whoever said yes may have taken it back meanwhile.
                applied = apply_reviewed(made, batch, reviewed, asked(), Progress(self.kept, reviewed, checkout))
            text = ended_comment(applied, checkout.redact)
        if applied.fine:
            Claims(self.kept, lambda _: True).give_back(pull.number, [one.instance for one in reviewed.parts])
        self.host.put_comment(pull.number, ENDED, text)
        word = applied.result if applied.fine else f"nothing or not everything was applied: {applied.result}"
        self.host.set_status(sides.head, f"{STATUS} apply", "success" if applied.fine else "failure", word, "")
        return applied, text

    def _unrun(self, ground: Ground, number: int, reviewed: Preview, asked: Asked, tip: str) -> Applied:
        """What is against an application, as far as that is known before anything of the commit is run."""
        assert self.kept is not None  # noqa: S101 - asked before
        here = affected_as_written(ground)
        parts = [InstanceKey.parse(one.instance) for one in reviewed.parts]
        now = inputs_as_written(ground, list(dict.fromkeys([*parts, *here])))
        named = {str(key): inputs for key, inputs in now.items()}
        acting = [one.instance for one in reviewed.parts if one.acts]
        found = differing_as_written(reviewed, named)
        if not found and tip != ground.sides.head:
            with self.requests.files_at(ground.checkout.root, tip) as files:
                later = {one: content_of(files, InstanceKey.parse(one)) for one in acting}
            found = overtaken(named, later)
        held = Claims(self.kept, self._is_open).against(number, acting)
        return Applied(Made(replace(reviewed, head=ground.sides.head), (), {}, held=held), reviewed, asked, found)

    def _is_open(self, number: int) -> bool:
        return self.host is None or self.host.pull_request(number).state == "open"

    def _tip(self, host: Host, pull: PullRequest, sides: Sides, branch: str) -> str:
        """Where the branch is now whose pull requests are applied: what this one became lies on it."""
        if not branch:
            raise Invalid(
                "branch-unnamed",
                "CI does not say which branch's pull requests are applied",
                next_step="Name it with --branch: one whose rules say that owners review.",
            )
        if pull.base_branch != branch:
            raise Conflict(
                "branch-other",
                f"pull request {pull.number} is for {pull.base_branch}, and what is applied are those for {branch}",
                next_step=f"Open one for {branch}, or name the branch with --branch, if its rules are as strict.",
            )
        tip, environ = host.tip(branch), self.requests.app.settings.environ
        if not all(is_ancestor(self.requests.folder, one, tip, environ) for one in (sides.base, sides.head)):
            raise Conflict(
                "branch-elsewhere",
                f"{branch} is at {tip[:12]}, and git does not know here that {sides.head[:12]} and what it was merged "
                "into lie on it",
                next_step="Fetch the whole branch, as a new run of the job does, and apply what was merged into it.",
            )
        return tip

    def _merged(self, commit: str) -> PullRequest:
        """The pull request that became a commit."""
        assert self.host is not None  # noqa: S101 - asked before
        if self.event.number is not None:
            pull = self.host.pull_request(self.event.number)
            if pull.state != "merged" or pull.merged != commit:
                raise Conflict(
                    "pull-request-unmerged",
                    f"pull request {pull.number} is {pull.state}, and {commit[:12]} is not what it became",
                    next_step="Apply the commit that the base branch got by the merge.",
                )
            return pull
        found = [one for one in self.host.pull_requests_of(commit) if one.state == "merged" and one.merged == commit]
        if len(found) != 1:
            raise NotFound(
                "pull-request-unknown",
                f"{commit[:12]} is not what one pull request became",
                next_step="What nobody reviewed is not applied here: give --pull-request, or open one.",
            )
        return found[0]


def _moved(head: str, here: str) -> Conflict:
    return Conflict(
        "head-moved",
        f"the pull request is at {head[:12]}, and what lies here, {here[:12]}, is not that",
        next_step="Somebody has pushed meanwhile: the job for that commit plans it. Of a fork, check that commit out.",
    )


def _footer(asked: Asked | None) -> list[str]:
    """Whose yes is still needed; of many instances that need the same, how many."""
    if asked is None:
        return []
    from gaia.kit.markdown import escaped

    alike: dict[str, list[Lacking]] = {}
    for one in asked.lacking:
        alike.setdefault(str(one) if one.void else str(one.needed), []).append(one)
    lines = []
    for needed, these in alike.items():
        if len(these) > _NAMED:
            lines.append(f"{len(these)} instances need {needed}")
        else:
            lines += map(str, these)
    lines += [f"{one} asks for changes" for one in asked.against]
    return ["", "#### Needs", "", *(f"* {escaped(one)}" for one in lines), ""] if lines else []
