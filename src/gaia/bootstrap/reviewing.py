"""What is done about a pull request: its preview is made and shown, and what was reviewed is applied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from gaia.checkout.change import ending_well
from gaia.ci.apply_comment import MARKER as ENDED
from gaia.ci.apply_comment import ended_comment
from gaia.ci.apply_progress import Progress
from gaia.ci.applying import Applied, apply_reviewed, differing, reasons
from gaia.ci.artifacts import files_of, write
from gaia.ci.claims import Claims
from gaia.ci.commits import files_between, stands_for
from gaia.ci.forks import check_released
from gaia.ci.journals import KeptRecords
from gaia.ci.needed_approvals import Asked, asked_of, code_owners, owners_of
from gaia.ci.preview_comment import MARKER, comment
from gaia.ci.previewing import make_preview
from gaia.errors import Conflict, Invalid, NotFound
from gaia.graph.base import DEFAULT

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
    from gaia.ci.model import Made, Preview

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
        with self.requests.ground(sides) as ground:
            with ending_well(ground.checkout):
                made, _ = make_preview(ground, parallel=parallel, listener=listener)
            made = self._claimed(made)
            asked = self._asked(ground, number, made.preview, touched)
            against = self._queued(made, pull, asked) if self.event.queued else ()
            text = comment(made, ground.checkout.redact, footer=_footer(asked))
            write(files_of(made, ground.checkout, text), out)
        if self.kept is not None and not self.event.queued:
            self.kept.keep(number, made.preview, head)
        shown = Shown(made, text, against)
        if self.host is not None and number is not None:
            if not self.event.queued:  # what was reviewed stays there to see
                self.host.put_comment(number, MARKER, text)
            said = "what was approved" if self.event.queued else "nothing is against it"
            word = "; ".join(against)[:120] or ("it may not be applied as it is" if shown.denied else said)
            commit = sides.head if self.event.queued else head
            self.host.set_status(commit, STATUS, "failure" if shown.denied else "success", word, "")
        return shown

    @property
    def _gitlab(self) -> bool:
        return self.host is not None and self.host.name == "gitlab"

    def _head(self, pull: PullRequest | None, sides: Sides) -> str:
        """The commit that people review: CI may have checked out what merging it would give."""
        if pull is None:
            return sides.head
        if self.event.queued:  # a queue may squash what it merges, and it is the host that makes its commit
            return pull.head
        if stands_for(self.requests.folder, sides, pull.head, self.requests.app.settings.environ):
            return pull.head
        raise Conflict(
            "head-moved",
            f"pull request {pull.number} is at {pull.head[:12]}, and {sides.head[:12]} is neither that nor its merge",
            next_step="Somebody has pushed meanwhile: the job for that commit plans it.",
        )

    def _claimed(self, made: Made) -> Made:
        """With what other pull requests have."""
        if self.kept is None or self.host is None or self.event.number is None:
            return made
        host = self.host
        claims = Claims(self.kept, cache(lambda number: host.pull_request(number).state == "open"))
        return replace(made, held=claims.take(self.event.number, [p.instance for p in made.preview.parts if p.acts]))

    def _asked(self, ground: Ground, number: int | None, preview: Preview, touched: Sequence[str]) -> Asked | None:
        """What approvals a preview has and lacks; None where nobody can be asked."""
        if self.kept is None or self.host is None or number is None:
            return None
        repository = ground.checkout.files.repository.forgiving()
        acting = {one.instance for one in preview.parts if one.acts}
        keys = [one for one in repository.instances if str(one) in acting]
        needed = owners_of(ground, list(repository.built(keys)), touched, gitlab=self._gitlab)
        return asked_of(self.host, self.kept, number, preview, needed)

    def _queued(self, made: Made, pull: PullRequest | None, asked: Asked | None) -> tuple[str, ...]:
        """Why the commit that a queue would merge is not what was approved."""
        if self.kept is None or pull is None or asked is None:
            return ("nobody can say what was approved: a host and a place where previews are kept are needed",)
        reviewed = self._reviewed(pull)
        return tuple(reasons(Applied(made, reviewed, asked, differing(reviewed, made))))

    def _reviewed(self, pull: PullRequest) -> Preview:
        """The last preview of the head."""
        assert self.kept is not None  # noqa: S101 - asked before
        found = [one for one in self.kept.plannings(pull.number) if one.head == pull.head]
        if not found:
            raise NotFound(
                "preview-missing",
                f"nothing is kept of a plan of {pull.head[:12]}, where pull request {pull.number} ended",
                next_step="Plan pull requests with --kept in the same place, and with the same GAIA_KEY.",
            )
        return self.kept.preview(found[-1].digest)

    def apply(
        self, sides: Sides, *, parallel: int | None = None, listener: Listener | None = None
    ) -> tuple[Applied, str]:
        """Apply what was reviewed of the pull request that became the commit that lies here, and comment how it ended.

        Raises:
            Invalid: `kept-missing`. Conflict: `pull-request-unmerged`. NotFound: `pull-request-unknown`,
                `preview-missing`. What the host and the store say.
        """
        if self.kept is None or self.host is None:
            raise Invalid(
                "kept-missing",
                "nothing says where the reviewed preview is kept",
                next_step="Give --kept the place that it was planned with, and set GAIA_KEY to the same key.",
            )
        pull, environ = self._merged(sides.head), self.requests.app.settings.environ
        reviewed = self._reviewed(pull)
        touched = files_between(self.requests.folder, sides, environ)
        with self.requests.ground(sides) as found:
            checkout = found.checkout
            records = KeptRecords(checkout.workplace, found.files.waivers, self.kept)
            checkout = replace(checkout, records=records)
            ground = replace(found, checkout=checkout)
            with ending_well(checkout):
                made, batch = make_preview(ground, parallel=parallel, listener=listener, changing=True)
            asked = self._asked(ground, pull.number, reviewed, touched) or Asked()
            applied = apply_reviewed(made, batch, reviewed, asked, Progress(self.kept, reviewed, checkout))
            text = ended_comment(applied, checkout.redact)
        if applied.fine:
            Claims(self.kept, lambda _: True).give_back(pull.number, [one.instance for one in reviewed.parts])
        self.host.put_comment(pull.number, ENDED, text)
        word = applied.result if applied.fine else f"nothing or not everything was applied: {applied.result}"
        self.host.set_status(sides.head, f"{STATUS} apply", "success" if applied.fine else "failure", word, "")
        return applied, text

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
