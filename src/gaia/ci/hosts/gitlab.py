"""GitLab (gitlab.com, or one's own) by its REST API, version 4."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.ci.hosts.answer import unreadable
from gaia.ci.hosts.host import Comment, PullRequest, Review
from gaia.ci.hosts.markers import hidden, marked, written_once
from gaia.ci.hosts.rest import Asking, Words, path
from gaia.errors import Invalid, NotFound
from gaia.kit.visible import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from gaia.ci.hosts.answer import Told
    from gaia.ci.hosts.host import HostName, Mark, State, Verdict

PUBLIC = "https://gitlab.com/api/v4"
DEVELOPER = 30
"""The access level from which on somebody may push."""
_WORDS = Words(
    "GitLab",
    "GITLAB_TOKEN",
    "the scope `api` and the role Developer: a project access token, kept as a masked variable. A job's own token "
    "(CI_JOB_TOKEN) may not read or write merge requests",
)
_STATES: dict[str, State] = {"opened": "open", "locked": "open", "merged": "merged", "closed": "closed"}
"""`locked` is one that is just being merged."""
_NOTES: dict[str, Verdict] = {
    "approved this merge request": "approved",
    "unapproved this merge request": "dismissed",
    "requested changes": "changes-requested",
}
"""What GitLab itself writes into a merge request; nobody else can write such a note."""
_MARKS: dict[Mark, str] = {"success": "success", "failure": "failed"}
_COMMAND = re.compile(r"(?m)^(\s*)/")
_LONGEST_STATUS = 255


class GitLab:
    """One project at GitLab."""

    name: HostName = "gitlab"

    def __init__(
        self,
        root: str,
        project: str,
        token: str,
        *,
        of_job: bool = False,
        tell: Callable[[str], object],
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """`project` is its number or its whole path; `of_job`: the token is a job's own."""
        headers = {"JOB-TOKEN" if of_job else "PRIVATE-TOKEN": token}
        waiting = {} if wait is None else {"wait": wait}
        self._ask = Asking(root.rstrip("/"), headers, _WORDS, tell, **waiting)
        self._here = path("projects", project)

    @cached_property
    def _viewer(self) -> Told:
        return self._ask.get("/user")

    @property
    def _me(self) -> int:
        return self._viewer.at("id").number

    @property
    def account(self) -> str:
        """See `Host`."""
        return self._viewer.at("username").text

    def pull_request(self, number: int) -> PullRequest:
        """See `Host`."""
        return _pull_request(self._ask.get(f"{self._here}/merge_requests/{number}"))

    def pull_requests_of(self, commit: str) -> tuple[PullRequest, ...]:
        """See `Host`; none for a commit that GitLab does not know."""
        try:
            listed = list(self._ask.pages(f"{self._here}/repository/commits{path(commit)}/merge_requests"))
        except NotFound:
            return ()
        return tuple(map(_pull_request, listed))

    def tip(self, branch: str) -> str:
        """See `Host`."""
        return self._ask.get(f"{self._here}/repository/branches{path(branch)}").at("commit").at("id").text

    def committers(self, number: int) -> frozenset[str]:
        """See `Host`: GitLab names them by e-mail addresses alone, and has a setting for it."""
        del number
        return frozenset()

    def reviews(self, number: int) -> tuple[Review, ...]:
        """See `Host`.

        GitLab does not say of which commit an approval is. It is of the version that was the newest when the note of
        it was written. An approval that GitLab does not count any more (reset by a push) ends with a dismissal.
        """
        here = f"{self._here}/merge_requests/{number}"
        counted = {
            one.at("user").at("username").text for one in self._ask.get(f"{here}/approvals").at("approved_by").each()
        }
        notes = [o for o in self._notes(number) if o.at("system").flag and o.at("body").text in _NOTES]
        versions = sorted(
            (one.at("created_at").time, one.at("head_commit_sha").text) for one in self._ask.pages(f"{here}/versions")
        )
        given = [
            Review(
                one.at("author").at("username").text,
                _head_at(versions, one.at("created_at").time),
                _NOTES[one.at("body").text],
                one.at("created_at").time,
            )
            for one in notes
        ]
        return (*given, *_no_longer(given, counted))

    def comments(self, number: int) -> tuple[Comment, ...]:
        """See `Host`. What GitLab itself wrote is not among them."""
        return tuple(self._comment(one) for one in self._notes(number) if not one.at("system").flag)

    def put_comment(self, number: int, marker: str, text: str) -> Comment:
        """See `Host`. No line of the text is a quick action: `/merge` would be done in our name."""
        whole = marked(marker, _harmless(text))
        body, here = {"body": whole}, f"{self._here}/merge_requests/{number}/notes"
        return written_once(
            whole,
            lambda: self.comments(number),
            lambda: self._comment(self._ask.put("POST", here, body)),
            lambda one: self._comment(self._ask.put("PUT", here + path(one), body)),
        )

    def put_issue(self, marker: str, title: str, text: str) -> str | None:
        """See `Host`."""
        known, where = hidden(marker), f"{self._here}/issues"
        ours = self._ask.pages(where, state="opened", scope="all", author_id=self._me)
        there = next((o for o in ours if (o.at("description").text_or_none or "").startswith(known)), None)
        if not text:
            if there is not None:
                self._ask.put("PUT", f"{where}/{there.at('iid').number}", {"state_event": "close"})
            return None
        body = {"title": cut(title, 255), "description": marked(marker, _harmless(text))}
        if there is None:
            return self._ask.put("POST", where, body).at("web_url").text
        if (there.at("title").text, there.at("description").text) == (body["title"], body["description"]):
            return there.at("web_url").text
        return self._ask.put("PUT", f"{where}/{there.at('iid').number}", body).at("web_url").text

    def members(self, team: str) -> frozenset[str]:
        """See `Host`: the direct members of a group, as GitLab itself takes CODEOWNERS, from Developer on."""
        return _able(self._ask.pages(f"{path('groups', team.removeprefix('@'))}/members"))

    def may_write(self, person: str) -> bool:
        """See `Host`."""
        able = _able(self._ask.pages(f"{self._here}/members/all", query=person))
        return person.casefold() in map(str.casefold, able)

    def set_status(self, commit: str, name: str, state: Mark, text: str, url: str) -> None:
        """See `Host`."""
        body = {"state": _MARKS[state], "name": name, "description": cut(text, _LONGEST_STATUS)}
        try:
            self._ask.put(
                "POST",
                f"{self._here}/statuses{path(commit)}",
                {**body, **({"target_url": url} if url else {})},
                safe=True,
            )
        except Invalid as error:
            if "Cannot transition status" not in error.message:  # it is so already
                raise

    def _notes(self, number: int) -> Iterable[Told]:
        return self._ask.pages(f"{self._here}/merge_requests/{number}/notes", sort="asc", order_by="created_at")

    def _comment(self, told: Told) -> Comment:
        author = told.at("author")
        return Comment(
            id=str(told.at("id").number),
            author=author.at("username").text,
            text=told.at("body").text,
            at=told.at("created_at").time,
            changed=told.at("updated_at").time,
            ours=author.at("id").number == self._me,
        )


def _harmless(text: str) -> str:
    """No line begins with a slash: something without width stands before it, also in code, where no escape would do."""
    return _COMMAND.sub("\\1\u200b/", text)


def _head_at(versions: list[tuple[datetime, str]], moment: datetime) -> str:
    """The newest head that there was; empty before the first."""
    return next((head for since, head in reversed(versions) if since <= moment), "")


def _no_longer(given: list[Review], counted: set[str]) -> list[Review]:
    last = {one.author: one for one in given}
    return [
        Review(author, one.commit, "dismissed", one.at)
        for author, one in last.items()
        if one.verdict == "approved" and author not in counted
    ]


def _able(members: Iterable[Told]) -> frozenset[str]:
    return frozenset(
        one.at("username").text
        for one in members
        if one.at("state").text == "active" and one.at("access_level").number >= DEVELOPER
    )


def _pull_request(told: Told) -> PullRequest:
    state = _STATES.get(told.at("state").text)
    if state is None:
        raise unreadable("a merge request", f"its state is {told.at('state').text!r}")
    head = told.at("sha").text
    # Without a merge commit and without squashing, the head itself was put on the branch.
    became = told.at("merge_commit_sha").text_or_none or told.at("squash_commit_sha").text_or_none or head
    source = told.at("source_project_id")
    return PullRequest(
        number=told.at("iid").number,
        author="" if told.at("author").missing else told.at("author").at("username").text,
        state=state,
        draft=told.at("draft").flag,
        base_branch=told.at("target_branch").text,
        head=head,
        merged=became if state == "merged" else None,
        fork=source.missing or source.number != told.at("target_project_id").number,
    )
