"""What every job about a pull request has, and what it asks of the host and of what is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

from gaia.ci.approvals.needed import asked_of, owners_of
from gaia.ci.approvals.owners import DIALECTS
from gaia.ci.jobs.event import REMOTE
from gaia.ci.storage.claims import Claims
from gaia.errors import Conflict, Invalid
from gaia.graph.base import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from gaia.checkout.files import CheckoutFiles
    from gaia.ci.approvals.needed import Asked
    from gaia.ci.approvals.owners import Dialect
    from gaia.ci.code.commits import Sides
    from gaia.ci.code.ground import Ground
    from gaia.ci.hosts.host import Host, PullRequest
    from gaia.ci.jobs.event import Event
    from gaia.ci.model import Preview
    from gaia.ci.storage.kept import Kept
    from gaia.kit.keys import SecretKey

STATUS = "gaia"
"""The name of the check at a commit."""


@dataclass(frozen=True)
class Job:
    """Of one clone; `bootstrap` hands in what opens files. Without a host only files are written."""

    folder: Path
    """The platform repository in the clone."""
    environ: Mapping[str, str]
    ground: Callable[[Path, Sides, SecretKey | None], AbstractContextManager[Ground]]
    """The head as it lies in a folder, judged by the base; the key is what sensitive values are compared by."""
    files_at: Callable[[Path, str], AbstractContextManager[CheckoutFiles]]
    """The files of the repository in a folder as a commit has them, to read."""
    event: Event
    host: Host | None = None
    keeping: Callable[[int | None], Kept] | None = None
    """What is kept, to read and write as a pull request of this number; None where nothing is."""

    @cached_property
    def kept(self) -> Kept | None:
        """What is kept, as the pull request that the event is about.

        Raises:
            GaiaError: what a key service says.
        """
        return None if self.keeping is None else self.keeping(self.event.number)

    def about(self, number: int) -> Job:
        """The same job, about a pull request that the event does not name."""
        return self if number == self.event.number else replace(self, event=replace(self.event, number=number))

    @property
    def base(self) -> str:
        """What to compare with: as CI says it, the base branch as the host says it, the remote's main branch.

        Raises:
            GaiaError: what the host says.
        """
        if self.event.base or self.host is None or self.event.number is None:
            return self.event.base or DEFAULT
        return f"{REMOTE}{self.host.pull_request(self.event.number).base_branch}"

    @property
    def dialect(self) -> Dialect:
        """How the host reads CODEOWNERS; GitHub's where nobody is asked about people anyway."""
        return DIALECTS[self.host.name if self.host else "github"]

    @property
    def named_host(self) -> Host:
        """The host, where something is kept: without both nothing is applied.

        Raises:
            Invalid: `kept-missing`.
        """
        if self.host is None or self.keeping is None:
            raise _nothing_kept()
        return self.host

    @property
    def parties(self) -> tuple[Host, Kept]:
        """The host and what is kept, without which nothing is applied.

        Raises:
            Invalid: `kept-missing`.
        """
        if self.host is None or self.kept is None:
            raise _nothing_kept()
        return self.host, self.kept

    def asked(self, ground: Ground, number: int, preview: Preview, touched: Sequence[str]) -> Asked:
        """What approvals a preview has and lacks.

        Raises:
            Invalid: `kept-missing`, `owners-invalid`. GaiaError: what the host and the store say.
        """
        host, kept = self.parties
        repository = ground.written.repository.forgiving()  # no function is run to find out whose yes it needs
        asking = {one.instance for one in preview.parts if one.asks}
        keys = [one for one in repository.instances if str(one) in asking]
        needed = owners_of(ground, list(repository.built(keys)), touched, self.dialect)
        return asked_of(host, kept, number, preview, needed)

    def claims(self, pull: PullRequest) -> Claims:
        """Which pull requests have instances, of those that are for the branch of this one.

        Raises:
            Invalid: `kept-missing`. GaiaError: what the host and the store say.
        """
        host, kept = self.parties
        return Claims(kept, pull.base_branch, cache(lambda number: host.pull_request(number).state))

    def branch_of(self, pull: PullRequest, branch: str) -> str:
        """The branch whose pull requests are applied, if this one is for it.

        Raises:
            Invalid: `branch-unnamed`. Conflict: `branch-other`.
        """
        found = branch or self.event.branch
        if not found:
            raise Invalid(
                "branch-unnamed",
                "CI does not say which branch's pull requests are applied",
                next_step="Name it with --branch: one whose rules say that owners review.",
            )
        if pull.base_branch != found:
            raise Conflict(
                "branch-other",
                f"pull request {pull.number} is for {pull.base_branch}, and what is applied are those for {found}",
                next_step=f"Open one for {found}, or name the branch with --branch, if its rules are as strict.",
            )
        return found


def _nothing_kept() -> Invalid:
    return Invalid(
        "kept-missing",
        "nothing says where the reviewed preview is kept",
        next_step="Give --kept the place that it was planned with, and set GAIA_KEY to the same key.",
    )
