"""GitHub (and GitHub Enterprise Server) by its REST API, version 2022-11-28."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from gaia.ci.hosts.answer import unreadable
from gaia.ci.hosts.host import Comment, PullRequest, Review
from gaia.ci.hosts.markers import hidden, marked, written_once
from gaia.ci.hosts.rest import Asking, Words, path
from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.visible import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.ci.hosts.answer import Told
    from gaia.ci.hosts.host import HostName, Mark, State, Verdict

PUBLIC = "https://api.github.com"
_WORDS = Words(
    "GitHub",
    "GITHUB_TOKEN",
    "`pull-requests: write`, `statuses: write` and `issues: write` among the job's permissions; to see who is in a "
    "team it must be a token of a person or an app that may read members of the organisation",
)
_VERDICTS: dict[str, Verdict] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes-requested",
    "DISMISSED": "dismissed",
    "COMMENTED": "commented",
}
_WRITERS = frozenset({"admin", "write"})
"""GitHub says `write` for who maintains, too."""
_LONGEST_STATUS = 140
_MOST_COMMITS = 250


class GitHub:
    """One repository at GitHub."""

    name: HostName = "github"

    def __init__(
        self,
        root: str,
        repository: str,
        token: str,
        *,
        graphql: str | None = None,
        tell: Callable[[str], object],
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """`repository` is `OWNER/NAME`; `graphql` the address of that API where it is not below `root`.

        Raises:
            Invalid: `host-repository-unusable`.
        """
        owner, _, short = repository.partition("/")
        if not owner or not short or "/" in short:
            raise Invalid(
                "host-repository-unusable",
                f"{cut(repository, 200)!r} is no repository of GitHub's",
                next_step="Name it OWNER/NAME in GITHUB_REPOSITORY.",
            )
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        waiting = {} if wait is None else {"wait": wait}
        self._ask = Asking(root.rstrip("/"), headers, _WORDS, tell, **waiting)
        graph_root = (graphql or f"{root.rstrip('/')}/graphql").removesuffix("/graphql")
        self._graph = Asking(graph_root, headers, _WORDS, tell, **waiting)
        self._here = path("repos", owner, short)

    @cached_property
    def _viewer(self) -> Told:
        """The token's owner. REST does not tell it to a job's own token, GraphQL does."""
        query = {"query": "query { viewer { login databaseId } }"}
        return self._graph.put("POST", "/graphql", query, safe=True).at("data").at("viewer")

    @property
    def _me(self) -> int:
        return self._viewer.at("databaseId").number

    @property
    def account(self) -> str:
        """See `Host`."""
        return self._viewer.at("login").text

    def pull_request(self, number: int) -> PullRequest:
        """See `Host`."""
        return _pull_request(self._ask.get(f"{self._here}/pulls/{number}"))

    def pull_requests_of(self, commit: str) -> tuple[PullRequest, ...]:
        """See `Host`; none for a commit that GitHub does not know."""
        try:
            return tuple(_pull_request(one) for one in self._ask.pages(f"{self._here}/commits{path(commit)}/pulls"))
        except (NotFound, Invalid) as error:
            if "No commit found" in error.message or error.code == "host-not-found":
                return ()
            raise

    def tip(self, branch: str) -> str:
        """See `Host`."""
        return self._ask.get(f"{self._here}/branches{path(branch)}").at("commit").at("sha").text

    def committers(self, number: int) -> frozenset[str]:
        """See `Host`. GitHub lists so many and no more: of a longer one nobody knows whose the others are.

        Raises:
            Conflict: `commits-uncounted`.
        """
        found = list(self._ask.pages(f"{self._here}/pulls/{number}/commits"))
        if len(found) >= _MOST_COMMITS:
            raise Conflict(
                "commits-uncounted",
                f"pull request {number} has {_MOST_COMMITS} commits or more, and GitHub does not say whose all are",
                next_step="Squash them: nobody may approve what she wrote herself.",
            )
        people = {_login(one.at(role)) for one in found for role in ("author", "committer")}
        return frozenset(people - {""})

    def reviews(self, number: int) -> tuple[Review, ...]:
        """See `Host`. One that nobody submitted yet is not among them."""
        found = []
        for one in self._ask.pages(f"{self._here}/pulls/{number}/reviews"):
            verdict = _VERDICTS.get(one.at("state").text)
            if verdict is not None:
                commit = one.at("commit_id").text_or_none or ""
                found.append(Review(_login(one.at("user")), commit, verdict, one.at("submitted_at").time))
        return tuple(sorted(found, key=lambda each: each.at))

    def comments(self, number: int) -> tuple[Comment, ...]:
        """See `Host`."""
        every = self._ask.pages(f"{self._here}/issues/{number}/comments")
        return tuple(self._comment(one) for one in every)

    def put_comment(self, number: int, marker: str, text: str) -> Comment:
        """See `Host`."""
        whole = marked(marker, text)
        body, here = {"body": whole}, f"{self._here}/issues"
        return written_once(
            whole,
            lambda: self.comments(number),
            lambda: self._comment(self._ask.put("POST", f"{here}/{number}/comments", body)),
            lambda one: self._comment(self._ask.put("PATCH", f"{here}/comments{path(one)}", body)),
        )

    def put_issue(self, marker: str, title: str, text: str) -> str | None:
        """See `Host`. Every open issue is looked at until ours is found: the one that changed last comes first."""
        known = hidden(marker)
        there = next((o for o in self._issues() if (o.at("body").text_or_none or "").startswith(known)), None)
        where = f"{self._here}/issues"
        if not text:
            if there is not None:
                done = {"state": "closed", "state_reason": "completed"}
                self._ask.put("PATCH", f"{where}/{there.at('number').number}", done)
            return None
        body = {"title": cut(title, 256), "body": marked(marker, text)}
        if there is None:
            return self._ask.put("POST", where, body).at("html_url").text
        if (there.at("title").text, there.at("body").text) == (body["title"], body["body"]):
            return there.at("html_url").text
        return self._ask.put("PATCH", f"{where}/{there.at('number').number}", body).at("html_url").text

    def members(self, team: str) -> frozenset[str]:
        """See `Host`."""
        org, _, slug = team.removeprefix("@").partition("/")
        return frozenset(_login(one) for one in self._ask.pages(f"{path('orgs', org, 'teams', slug)}/members"))

    def may_write(self, person: str) -> bool:
        """See `Host`."""
        try:
            found = self._ask.get(f"{self._here}/collaborators{path(person)}/permission")
        except NotFound:
            return False
        return found.at("permission").text in _WRITERS

    def set_status(self, commit: str, name: str, state: Mark, text: str, url: str) -> None:
        """See `Host`."""
        body = {"state": state, "context": name, "description": cut(text, _LONGEST_STATUS)}
        self._ask.put(
            "POST", f"{self._here}/statuses{path(commit)}", {**body, **({"target_url": url} if url else {})}, safe=True
        )

    def _issues(self) -> Iterator[Told]:
        """Open ones of ours. GitHub lists pull requests among issues."""
        for one in self._ask.pages(f"{self._here}/issues", state="open", sort="updated", direction="desc"):
            if one.at("pull_request").missing and self._is_ours(one):
                yield one

    def _is_ours(self, told: Told) -> bool:
        user = told.at("user")
        return not user.missing and user.at("id").number == self._me

    def _comment(self, told: Told) -> Comment:
        return Comment(
            id=str(told.at("id").number),
            author=_login(told.at("user")),
            text=told.at("body").text_or_none or "",
            at=told.at("created_at").time,
            changed=told.at("updated_at").time,
            ours=self._is_ours(told),
        )


def _login(user: Told) -> str:
    """Empty for an account that is gone: it is nobody's name."""
    return "" if user.missing else user.at("login").text_or_none or ""


def _pull_request(told: Told) -> PullRequest:
    state = told.at("state").text
    if state not in ("open", "closed"):
        raise unreadable("a pull request", f"its state is {state!r}")
    merged = None if told.at("merged_at").missing else told.at("merge_commit_sha").text
    base, head = told.at("base"), told.at("head")
    return PullRequest(
        number=told.at("number").number,
        author=_login(told.at("user")),
        state="merged" if merged else cast("State", state),
        draft=told.at("draft").flag,
        base_branch=base.at("ref").text,
        head=head.at("sha").text,
        merged=merged,
        fork=head.at("repo").missing or head.at("repo").at("id").number != base.at("repo").at("id").number,
    )
