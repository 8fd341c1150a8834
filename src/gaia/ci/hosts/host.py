"""What Gaia asks of a host of repositories, and what it gets; GitHub's and GitLab's words stay in their adapters.

`gaia.ci.hosts.choosing.host_of(environ, remote_url)` says which one it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from datetime import datetime

State = Literal["open", "merged", "closed"]
Verdict = Literal["approved", "changes-requested", "dismissed", "commented"]
HostName = Literal["github", "gitlab"]
Mark = Literal["success", "failure"]
"""Of a status at a commit."""

LONGEST_COMMENT = 65_536
"""Characters: GitHub's limit, which is the smaller one; an adapter refuses what is longer."""


def length(text: str) -> int:
    """How many characters a text has, as the stricter of the two hosts counts: those of UTF-16."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request (a merge request, on GitLab)."""

    number: int
    author: str
    state: State
    draft: bool
    base_branch: str
    head: str
    """The commit: what is to be merged."""
    merged: str | None
    """The commit on `base_branch` that it became; `None` unless it is merged."""
    fork: bool
    """Whether the head lies in another repository than the base, or the host does not know any more where it lay."""


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody said of one commit. A later one of the same person replaces it, save where that only comments."""

    author: str
    commit: str
    """The head that was looked at; empty where the host does not say, which approves of nothing."""
    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request."""

    id: str
    author: str
    text: str
    at: datetime
    changed: datetime
    """When it was last written."""
    ours: bool
    """Whether the one whose token Gaia has wrote it. Whoever may write can edit it, so nothing is trusted for that."""

    @property
    def edited(self) -> bool:
        """Whether somebody has written over it."""
        return self.changed != self.at


class Host(Protocol):
    """A host of repositories, for one of them, in the name of the owner of one token.

    Each call may take several requests; where the host throttles it is waited for, a bounded time.

    Raises:
        GaiaError: each call, one of the codes `host-…` of `gaia.ci.hosts.rest`.
    """

    @property
    def name(self) -> HostName:
        """Which kind of host it is."""

    @property
    def account(self) -> str:
        """The name of the token's owner. What jobs run may have the token, so nothing that it says is a yes."""

    def pull_request(self, number: int) -> PullRequest:
        """One pull request."""

    def pull_requests_of(self, commit: str) -> tuple[PullRequest, ...]:
        """The pull requests that a commit belongs to: as what was merged, or as part of the head."""

    def tip(self, branch: str) -> str:
        """The commit that a branch is at now."""

    def committers(self, number: int) -> frozenset[str]:
        """Whose commits a pull request brings, as far as the host knows them as people; GitLab does not."""

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Who said what of which commit: the whole history, the newest last."""

    def comments(self, number: int) -> tuple[Comment, ...]:
        """All comments, the newest last."""

    def put_comment(self, number: int, marker: str, text: str) -> Comment:
        """Write a comment, or over the one of ours that holds the hidden marker.

        A marker is a word of letters, digits and `:./-`; it is kept in an HTML comment that the adapter adds.
        """

    def put_issue(self, marker: str, title: str, text: str) -> str | None:
        """Open an issue, or bring the open one of ours with the marker up to date: its URL.

        An empty text closes it: `None`.
        """

    def members(self, team: str) -> frozenset[str]:
        """Who belongs to a team, `ORG/TEAM` (a group, on GitLab), also by way of teams within it."""

    def may_write(self, person: str) -> bool:
        """Whether somebody may push to the repository; `False` for whom the host does not know."""

    def set_status(self, commit: str, name: str, state: Mark, text: str, url: str) -> None:
        """Say at a commit how a check of that name ended; `url` is where that was seen, and may be empty."""
