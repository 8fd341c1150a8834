"""GitHub's REST API over a repository of `state.py`: what Gaia asks for, with the names that GitHub publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hosts.serving import Answer, Asked, Route, Site
from tests.hosts.state import Issue, Said, Status

if TYPE_CHECKING:
    from datetime import datetime

    from tests.hosts.state import Pull, Repository

BOT = "github-actions[bot]"
_VERDICTS = {
    "approved": "APPROVED",
    "changes-requested": "CHANGES_REQUESTED",
    "commented": "COMMENTED",
    "dismissed": "DISMISSED",
}


def failure(status: int, message: str) -> dict[str, str]:
    """The body of an error."""
    return {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}


def _missing() -> Answer:
    return Answer(404, failure(404, "Not Found"))


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class GitHub:
    """Its routes."""

    def __init__(self, repository: Repository) -> None:
        self.of = repository
        repo, one = "/repos/{owner}/{repo}", "/repos/{owner}/{repo}/pulls/{number}"
        self.site = Site(
            "/api/v3",
            [
                Route("GET", "/user", self.user),
                Route("POST", "/graphql", self.viewer),
                Route("GET", one, self.pull),
                Route("GET", f"{one}/reviews", self.reviews),
                Route("GET", f"{one}/commits", self.commits),
                Route("GET", f"{repo}/branches/{{branch}}", self.branch),
                Route("GET", f"{repo}/commits/{{commit}}/pulls", self.pulls_of),
                Route("GET", f"{repo}/issues/{{number}}/comments", self.comments),
                Route("POST", f"{repo}/issues/{{number}}/comments", self.comment),
                Route("PATCH", f"{repo}/issues/comments/{{id}}", self.edit),
                Route("GET", f"{repo}/issues", self.issues),
                Route("POST", f"{repo}/issues", self.open_issue),
                Route("PATCH", f"{repo}/issues/{{number}}", self.edit_issue),
                Route("GET", "/orgs/{org}/teams/{team}/members", self.members),
                Route("GET", f"{repo}/collaborators/{{login}}/permission", self.permission),
                Route("POST", f"{repo}/statuses/{{commit}}", self.status),
            ],
            failure,
        )

    # Who

    def _user(self, login: str) -> dict[str, Any]:
        who = self.of.person(login)
        kind = "Bot" if who.is_bot else "User"
        return {"login": login, "id": who.id, "type": kind, "site_admin": False, "html_url": f"{self.web}/{login}"}

    @property
    def web(self) -> str:
        """Where its pages would be."""
        return self.site.origin

    def user(self, asked: Asked) -> Answer:
        """The token's owner; a token of an installation has none."""
        assert asked.who is not None
        if asked.who.is_bot:
            return Answer(403, failure(403, "Resource not accessible by integration"))
        return Answer(200, self._user(asked.who.login))

    def viewer(self, asked: Asked) -> Answer:
        """GraphQL's one question that REST does not answer: who am I, also of an installation."""
        assert asked.who is not None
        assert asked.body["query"] == "query { viewer { login databaseId } }"
        return Answer(200, {"data": {"viewer": {"login": asked.who.login, "databaseId": asked.who.id}}})

    # Pull requests

    def _here(self, owner: str, repo: str) -> bool:
        return (owner, repo) == (self.of.owner, self.of.name)

    def _repo(self, owner: str | None = None) -> dict[str, Any]:
        name = f"{owner or self.of.owner}/{self.of.name}"
        return {"id": 1 + len(name), "name": self.of.name, "full_name": name, "fork": owner is not None}

    def shape(self, pull: Pull, *, listed: bool = False) -> dict[str, Any]:
        """A pull request."""
        version = pull.versions[-1]
        state = "closed" if pull.closed or pull.merged else "open"
        gone = pull.fork is not None and pull.fork not in self.of.forks
        owner = pull.fork or self.of.owner
        made = {
            "id": 90_000 + pull.number,
            "number": pull.number,
            "title": pull.title,
            "user": self._user(pull.author),
            "state": state,
            "draft": pull.draft,
            "merged_at": _time(self.of.now) if pull.merged else None,
            "merge_commit_sha": pull.merged or version.head,
            "base": {
                "label": f"{self.of.owner}:{pull.base_branch}",
                "ref": pull.base_branch,
                "sha": version.start,
                "repo": self._repo(),
                "user": self._user(self.of.owner),
            },
            "head": {
                "label": f"{owner}:{pull.branch}",
                "ref": pull.branch,
                "sha": version.head,
                "repo": None if gone else self._repo(pull.fork),
                "user": self._user(owner),
            },
            "labels": [],
            "html_url": f"{self.web}/{self.of.owner}/{self.of.name}/pull/{pull.number}",
            "created_at": _time(pull.at),
            "updated_at": _time(self.of.now),
        }
        return made if listed else {**made, "merged": pull.merged is not None, "commits": 1, "changed_files": 1}

    def _pull(self, owner: str, repo: str, number: str) -> Pull | None:
        return self.of.find(int(number)) if self._here(owner, repo) and number.isdecimal() else None

    def pull(self, asked: Asked, *, owner: str, repo: str, number: str) -> Answer:  # noqa: ARG002
        """One."""
        found = self._pull(owner, repo, number)
        return Answer(200, self.shape(found)) if found else _missing()

    def pulls_of(self, asked: Asked, *, owner: str, repo: str, commit: str) -> Answer:  # noqa: ARG002
        """Those of a commit."""
        if not self._here(owner, repo):
            return _missing()
        if not self.of.has(commit):
            return Answer(422, failure(422, f"No commit found for SHA: {commit}"))
        return Answer(200, [self.shape(one, listed=True) for one in self.of.containing(commit)])

    def commits(self, asked: Asked, *, owner: str, repo: str, number: str) -> Answer:  # noqa: ARG002
        """Those that it brings; whom an e-mail address belongs to, GitHub knows."""
        found = self._pull(owner, repo, number)
        if found is None:
            return _missing()
        shown = [
            {"sha": commit, "author": self._user(who), "committer": self._user(who)}
            for commit, who in self.of.commits_of(found)
        ]
        return Answer(200, shown)

    def branch(self, asked: Asked, *, owner: str, repo: str, branch: str) -> Answer:  # noqa: ARG002
        """Where one is."""
        if not self._here(owner, repo):
            return _missing()
        return Answer(200, {"name": branch, "commit": {"sha": self.of.tip(branch)}, "protected": True})

    def reviews(self, asked: Asked, *, owner: str, repo: str, number: str) -> Answer:  # noqa: ARG002
        """In the order in which they were given."""
        found = self._pull(owner, repo, number)
        if found is None:
            return _missing()
        shown = [
            {
                "id": one.id,
                "user": self._user(one.who),
                "body": "",
                "state": _VERDICTS[one.verdict],
                "submitted_at": _time(one.at),
                "commit_id": one.commit,
            }
            for one in found.reviews
        ]
        return Answer(200, shown)

    # Comments

    def _comment(self, one: Said) -> dict[str, Any]:
        return {
            "id": one.id,
            "user": self._user(one.who),
            "body": one.text,
            "created_at": _time(one.at),
            "updated_at": _time(one.changed),
        }

    def comments(self, asked: Asked, *, owner: str, repo: str, number: str) -> Answer:  # noqa: ARG002
        """The oldest first."""
        found = self._pull(owner, repo, number)
        return Answer(200, [self._comment(one) for one in found.said]) if found else _missing()

    def comment(self, asked: Asked, *, owner: str, repo: str, number: str) -> Answer:
        """A new one."""
        found = self._pull(owner, repo, number)
        if found is None or asked.who is None:
            return _missing()
        if len(asked.body["body"]) > 65_536:
            return Answer(422, failure(422, "Validation Failed"))
        at = self.of.tick()
        found.said.append(Said(self.of.new_id(), asked.who.login, asked.body["body"], at, at))
        return Answer(201, self._comment(found.said[-1]))

    def edit(self, asked: Asked, *, owner: str, repo: str, id: str) -> Answer:  # noqa: A002
        """Over one that is there."""
        every = [one for pull in self.of.pulls.values() for one in pull.said] if self._here(owner, repo) else []
        found = next((one for one in every if str(one.id) == id), None)
        if found is None:
            return _missing()
        found.text, found.changed = asked.body["body"], self.of.tick()
        return Answer(200, self._comment(found))

    # Issues

    def _issue(self, one: Issue) -> dict[str, Any]:
        return {
            "id": 80_000 + one.number,
            "number": one.number,
            "title": one.title,
            "body": one.text,
            "user": self._user(one.who),
            "state": "closed" if one.closed else "open",
            "html_url": f"{self.web}/{self.of.owner}/{self.of.name}/issues/{one.number}",
            "created_at": _time(one.at),
            "updated_at": _time(one.changed),
        }

    def issues(self, asked: Asked, *, owner: str, repo: str) -> Answer:
        """GitHub lists pull requests among them."""
        if not self._here(owner, repo):
            return _missing()
        assert asked.query.get("state", "open") == "open"
        found = [self._issue(one) for one in self.of.issues.values() if not one.closed]
        for pull in self.of.pulls.values():
            if not (pull.closed or pull.merged):
                as_issue = Issue(pull.number, pull.title, "", pull.author, pull.at, pull.at)
                found.append({**self._issue(as_issue), "pull_request": {"url": f"{self.site.url}/pulls/{pull.number}"}})
        key = "updated_at" if asked.query.get("sort") == "updated" else "created_at"
        found.sort(key=lambda one: one[key], reverse=asked.query.get("direction", "desc") == "desc")
        return Answer(200, found)

    def open_issue(self, asked: Asked, *, owner: str, repo: str) -> Answer:
        """A new one."""
        if not self._here(owner, repo) or asked.who is None:
            return _missing()
        at, number = self.of.tick(), self.of.new_number()
        made = Issue(number, asked.body["title"], asked.body.get("body") or "", asked.who.login, at, at)
        self.of.issues[number] = made
        return Answer(201, self._issue(made))

    def edit_issue(self, asked: Asked, *, owner: str, repo: str, number: str) -> Answer:
        """Over one that is there."""
        found = self.of.issues.get(int(number)) if self._here(owner, repo) else None
        if found is None:
            return _missing()
        found.title, found.text = asked.body.get("title", found.title), asked.body.get("body", found.text)
        found.closed = asked.body.get("state", "closed" if found.closed else "open") == "closed"
        found.changed = self.of.tick()
        return Answer(200, self._issue(found))

    # People and statuses

    def members(self, asked: Asked, *, org: str, team: str) -> Answer:
        """Of a team; a token of an installation may not see them."""
        found = self.of.teams.get(f"{org}/{team}")
        if found is None or (asked.who is not None and asked.who.is_bot):
            return _missing()
        return Answer(200, [self._user(login) for login in found])

    def permission(self, asked: Asked, *, owner: str, repo: str, login: str) -> Answer:  # noqa: ARG002
        """What somebody may do."""
        found = self.of.people.get(login)
        if not self._here(owner, repo) or found is None:
            return _missing()
        word = "write" if found.writes else "read"
        return Answer(200, {"permission": word, "role_name": word, "user": self._user(login)})

    def status(self, asked: Asked, *, owner: str, repo: str, commit: str) -> Answer:
        """Say how a check ended."""
        if not self._here(owner, repo):
            return _missing()
        if not self.of.has(commit):
            return Answer(422, failure(422, f"No commit found for SHA: {commit}"))
        said = asked.body
        if len(said.get("description") or "") > 140:
            return Answer(422, failure(422, "Validation Failed"))
        made = Status(
            commit, said["context"], said["state"], said.get("description") or "", said.get("target_url") or ""
        )
        self.of.statuses.append(made)
        shown = {
            "id": len(self.of.statuses), "state": made.state, "context": made.name, "description": made.text,
            "target_url": made.url or None, "created_at": _time(self.of.tick()), "updated_at": _time(self.of.now),
        }  # fmt: skip
        return Answer(201, shown)
