"""GitLab's REST API over a repository of `state.py`: what Gaia asks for, with the names that GitLab documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hosts.serving import Answer, Asked, Route, Site
from tests.hosts.state import Issue, Said, Status

if TYPE_CHECKING:
    from datetime import datetime

    from tests.hosts.state import Pull, Repository

BOT = "project_41_bot_9f2c"
PROJECT = 41


def failure(status: int, message: str) -> dict[str, str]:
    """The body of an error."""
    return {"message": f"{status} {message}"}


def _missing() -> Answer:
    return Answer(404, failure(404, "Not Found"))


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class GitLab:
    """Its routes."""

    def __init__(self, repository: Repository) -> None:
        self.of = repository
        project, one = "/projects/{project}", "/projects/{project}/merge_requests/{number}"
        self.site = Site(
            "/api/v4",
            [
                Route("GET", "/user", self.user),
                Route("GET", one, self.pull),
                Route("GET", f"{one}/approvals", self.approvals),
                Route("GET", f"{one}/versions", self.versions),
                Route("GET", f"{one}/notes", self.notes),
                Route("POST", f"{one}/notes", self.note),
                Route("PUT", f"{one}/notes/{{id}}", self.edit),
                Route("GET", f"{project}/repository/commits/{{commit}}/merge_requests", self.pulls_of),
                Route("GET", f"{project}/repository/branches/{{branch}}", self.branch),
                Route("GET", f"{project}/issues", self.issues),
                Route("POST", f"{project}/issues", self.open_issue),
                Route("PUT", f"{project}/issues/{{number}}", self.edit_issue),
                Route("GET", "/groups/{group}/members", self.members),
                Route("GET", f"{project}/members/all", self.people),
                Route("POST", f"{project}/statuses/{{commit}}", self.status),
            ],
            failure,
        )

    @property
    def web(self) -> str:
        """Where its pages would be."""
        return f"{self.site.origin}/{self.of.owner}/{self.of.name}"

    def _user(self, login: str) -> dict[str, Any]:
        who = self.of.person(login)
        return {"id": who.id, "username": login, "name": login.title(), "state": "active"}

    def _here(self, project: str) -> bool:
        return project in (str(PROJECT), f"{self.of.owner}/{self.of.name}")

    def user(self, asked: Asked) -> Answer:
        """The token's owner; a job's token may not ask."""
        assert asked.who is not None
        if "job-token" in asked.headers:
            return Answer(401, failure(401, "Unauthorized"))
        return Answer(200, {**self._user(asked.who.login), "bot": asked.who.is_bot})

    # Merge requests

    def _pull(self, project: str, number: str) -> Pull | None:
        return self.of.find(int(number)) if self._here(project) and number.isdecimal() else None

    def shape(self, pull: Pull, *, listed: bool = False) -> dict[str, Any]:
        """A merge request."""
        newest = pull.versions[-1]
        made = {
            "id": 90_000 + pull.number,
            "iid": pull.number,
            "project_id": PROJECT,
            "title": pull.title,
            "author": self._user(pull.author),
            "state": "merged" if pull.merged else "closed" if pull.closed else "opened",
            "draft": pull.draft,
            "target_branch": pull.base_branch,
            "source_branch": pull.branch,
            "source_project_id": 500 + len(pull.fork) if pull.fork else PROJECT,
            "target_project_id": PROJECT,
            "sha": newest.head,
            "merge_commit_sha": pull.merged if pull.merged != newest.head and not pull.squashed else None,
            "squash_commit_sha": pull.merged if pull.squashed else None,
            "labels": [],
            "web_url": f"{self.web}/-/merge_requests/{pull.number}",
            "created_at": _time(pull.at),
            "updated_at": _time(self.of.now),
        }
        refs = {"base_sha": newest.base, "head_sha": newest.head, "start_sha": newest.start}
        return made if listed else {**made, "diff_refs": refs}

    def pull(self, asked: Asked, *, project: str, number: str) -> Answer:  # noqa: ARG002
        """One."""
        found = self._pull(project, number)
        return Answer(200, self.shape(found)) if found else _missing()

    def pulls_of(self, asked: Asked, *, project: str, commit: str) -> Answer:  # noqa: ARG002
        """Those of a commit."""
        if not self._here(project) or not self.of.has(commit):
            return Answer(404, failure(404, "Commit Not Found"))
        return Answer(200, [self.shape(one, listed=True) for one in self.of.containing(commit)])

    def branch(self, asked: Asked, *, project: str, branch: str) -> Answer:  # noqa: ARG002
        """Where one is."""
        if not self._here(project):
            return _missing()
        return Answer(200, {"name": branch, "commit": {"id": self.of.tip(branch)}, "default": branch == "main"})

    def approvals(self, asked: Asked, *, project: str, number: str) -> Answer:  # noqa: ARG002
        """Who approves of it now; of which commit, GitLab does not say."""
        found = self._pull(project, number)
        if found is None:
            return _missing()
        by = [{"user": self._user(login), "approved_at": _time(self.of.now)} for login in sorted(found.approvers)]
        return Answer(200, {"id": 90_000 + found.number, "iid": found.number, "approved": bool(by), "approved_by": by})

    def versions(self, asked: Asked, *, project: str, number: str) -> Answer:  # noqa: ARG002
        """Where the head stood since when, the newest first."""
        found = self._pull(project, number)
        if found is None:
            return _missing()
        shown = [
            {
                "id": 110 + place,
                "head_commit_sha": one.head,
                "base_commit_sha": one.base,
                "start_commit_sha": one.start,
                "created_at": _time(one.at),
                "merge_request_id": 90_000 + found.number,
                "state": "collected",
                "real_size": "1",
            }
            for place, one in enumerate(found.versions)
        ]
        return Answer(200, shown[::-1])

    # Notes

    def _note(self, one: Said) -> dict[str, Any]:
        return {
            "id": one.id,
            "type": None,
            "body": one.text,
            "author": self._user(one.who),
            "created_at": _time(one.at),
            "updated_at": _time(one.changed),
            "system": one.system,
            "noteable_type": "MergeRequest",
            "internal": False,
        }

    def notes(self, asked: Asked, *, project: str, number: str) -> Answer:
        """Comments, and what the host itself wrote; the newest first unless asked otherwise."""
        found = self._pull(project, number)
        if found is None:
            return _missing()
        shown = [self._note(one) for one in sorted(found.said, key=lambda one: (one.at, one.id))]
        return Answer(200, shown if asked.query.get("sort") == "asc" else shown[::-1])

    def note(self, asked: Asked, *, project: str, number: str) -> Answer:
        """A new one; a job's token may not."""
        found = self._pull(project, number)
        if found is None or asked.who is None:
            return _missing()
        if "job-token" in asked.headers:
            return Answer(401, failure(401, "Unauthorized"))
        at = self.of.tick()
        found.said.append(Said(self.of.new_id(), asked.who.login, asked.body["body"], at, at))
        return Answer(201, self._note(found.said[-1]))

    def edit(self, asked: Asked, *, project: str, number: str, id: str) -> Answer:  # noqa: A002
        """Over one that is there; others' only for whoever maintains the project."""
        pull = self._pull(project, number)
        found = next((one for one in pull.said if str(one.id) == id), None) if pull else None
        if found is None:
            return _missing()
        found.text, found.changed = asked.body["body"], self.of.tick()
        return Answer(200, self._note(found))

    # Issues

    def _issue(self, one: Issue) -> dict[str, Any]:
        return {
            "id": 80_000 + one.number,
            "iid": one.number,
            "project_id": PROJECT,
            "title": one.title,
            "description": one.text,
            "author": self._user(one.who),
            "state": "closed" if one.closed else "opened",
            "web_url": f"{self.web}/-/issues/{one.number}",
            "created_at": _time(one.at),
            "updated_at": _time(one.changed),
        }

    def issues(self, asked: Asked, *, project: str) -> Answer:
        """Of one author, if asked."""
        if not self._here(project):
            return _missing()
        author = asked.query.get("author_id")
        found = [
            one
            for one in self.of.issues.values()
            if (asked.query.get("state") != "opened" or not one.closed)
            and (author is None or str(self.of.person(one.who).id) == author)
        ]
        return Answer(200, [self._issue(one) for one in found[::-1]])

    def open_issue(self, asked: Asked, *, project: str) -> Answer:
        """A new one."""
        if not self._here(project) or asked.who is None:
            return _missing()
        at, number = self.of.tick(), self.of.new_number()
        made = Issue(number, asked.body["title"], asked.body.get("description") or "", asked.who.login, at, at)
        self.of.issues[number] = made
        return Answer(201, self._issue(made))

    def edit_issue(self, asked: Asked, *, project: str, number: str) -> Answer:
        """Over one that is there."""
        found = self.of.issues.get(int(number)) if self._here(project) else None
        if found is None:
            return _missing()
        found.title, found.text = asked.body.get("title", found.title), asked.body.get("description", found.text)
        found.closed = {"close": True, "reopen": False}.get(asked.body.get("state_event", ""), found.closed)
        found.changed = self.of.tick()
        return Answer(200, self._issue(found))

    # People and statuses

    def _member(self, login: str) -> dict[str, Any]:
        level = 30 if self.of.person(login).writes else 20
        return {**self._user(login), "access_level": level, "expires_at": None}

    def members(self, asked: Asked, *, group: str) -> Answer:  # noqa: ARG002
        """The direct ones of a group."""
        found = self.of.teams.get(group)
        return Answer(200, [self._member(login) for login in found]) if found is not None else _missing()

    def people(self, asked: Asked, *, project: str) -> Answer:
        """Who belongs to the project, also by its groups; `query` is a part of a name."""
        if not self._here(project):
            return _missing()
        part = asked.query.get("query", "")
        return Answer(200, [self._member(login) for login in sorted(self.of.people) if part in login])

    def status(self, asked: Asked, *, project: str, commit: str) -> Answer:
        """Say how a check ended; the same twice is refused."""
        if not self._here(project) or not self.of.has(commit):
            return _missing()
        said = asked.body
        made = Status(commit, said["name"], said["state"], said.get("description") or "", said.get("target_url") or "")
        last = next((o for o in self.of.statuses[::-1] if (o.commit, o.name) == (commit, made.name)), None)
        if last is not None and last.state == made.state:
            return Answer(400, {"message": f"Cannot transition status via :run from :{made.state}"})
        self.of.statuses.append(made)
        shown = {
            "id": len(self.of.statuses), "sha": commit, "status": made.state, "name": made.name,
            "description": made.text, "target_url": made.url, "created_at": _time(self.of.tick()),
        }  # fmt: skip
        return Answer(201, shown)
