"""`Hosted`: a repository at a host, for a test: people push, review and merge; a job gets its environment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from tests.hosts import contract, github, gitlab
from tests.hosts.serving import Answer
from tests.hosts.state import ZERO, Pull, Repository, Reviewed, Said, git

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from tests.hosts.state import Status, Verdict, Way

Kind = Literal["github", "gitlab"]
TOKEN, READER, JOB_TOKEN = "token-of-the-bot-0001", "token-that-reads-0002", "token-of-the-job-0003"
Event = Literal[
    "pull_request", "pull_request_review", "issue_comment", "merge_group", "push", "schedule", "workflow_dispatch"
]
"""In GitHub's words; on GitLab `pull_request` is a merge request's pipeline, `merge_group` one of a merge train."""


class Hosted:
    """`with Hosted(tmp_path) as host:` — the repository `acme/platform`, its host on loopback.

    `host.remote` is the bare repository; a test clones it (`host.clone()`), pushes branches and opens pull requests
    with them. `host.environ(number)` is the environment of a job in its newest state.
    """

    def __init__(self, folder: Path, kind: Kind = "github", *, seed: Path | None = None) -> None:
        """`seed` is a bare repository to begin with a copy of."""
        self.kind, self.folder = kind, folder / kind
        self.folder.mkdir(parents=True, exist_ok=True)
        self.repository = Repository(self.folder, seed)
        self.api = github.GitHub(self.repository) if kind == "github" else gitlab.GitLab(self.repository)
        self.site, self.remote = self.api.site, self.repository.bare
        self.bot = github.BOT if kind == "github" else gitlab.BOT
        self.repository.person("dana")
        bot = self.repository.person(self.bot, bot=True)
        self.site.tokens |= {TOKEN: (bot, False), READER: (bot, True), JOB_TOKEN: (bot, False)}
        self._clones = 0
        self._queued: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: object, *more: object) -> None:
        """End it. What was asked and answered has to be as the host documents it."""
        self.site.close()
        if failed is None:
            for asked, answer in self.site.asked:
                contract.check(self.kind, asked, answer)

    # What people do

    def clone(self, fork: str | None = None) -> Path:
        """A fresh clone, with an identity to commit by; of somebody's fork, if named."""
        self._clones += 1
        made = self.folder / f"clone-{self._clones}"
        where = self.repository.fork(fork) if fork else self.remote
        identity = ("-c", "user.name=Dana", "-c", "user.email=dana@example.com")
        git(self.folder, "clone", "-q", *identity, str(where), str(made))
        return made

    def person(self, login: str, *, writes: bool = True) -> None:
        """Give somebody an account."""
        self.repository.person(login, writes=writes)

    def token(self, login: str) -> str:
        """A token of somebody's own."""
        made = f"token-of-{login}-0009"
        self.site.tokens[made] = (self.repository.person(login), False)
        return made

    def team(self, name: str, *logins: str) -> None:
        """Make a team `ORG/TEAM`."""
        for login in logins:
            self.repository.person(login)
        self.repository.teams[name] = logins

    def open_pull_request(
        self, branch: str, base: str = "main", *, author: str = "dana", fork: str | None = None, title: str = "A change"
    ) -> int:
        """Open one for a branch that was pushed, to the fork if one is named: its number."""
        if fork:
            self.repository.fork(fork)
            author = fork
        self.repository.person(author)
        number = self.repository.new_number()
        pull = Pull(number, title, author, branch, base, fork, draft=False, at=self.repository.tick())
        self.repository.pulls[number] = pull
        self.repository.look(pull)
        return number

    def pull(self, number: int) -> Pull:
        """What the host knows of one now: its title, draft, comments may be changed."""
        found = self.repository.find(number)
        assert found is not None
        return found

    def review(self, number: int, who: str, verdict: Verdict = "approved", commit: str | None = None) -> None:
        """Review one, by default what is its head now."""
        pull = self.pull(number)
        self.repository.person(who)
        at = self.repository.tick()
        pull.reviews.append(Reviewed(self.repository.new_id(), who, verdict, commit or pull.head, at))
        if verdict == "approved":
            pull.approvers.add(who)
        elif verdict == "changes-requested":
            pull.approvers.discard(who)
        if self.kind == "gitlab" and verdict != "commented":
            said = {"approved": "approved this merge request", "changes-requested": "requested changes"}[verdict]
            self._note(pull, who, said)

    def dismiss(self, number: int, who: str) -> None:
        """Take somebody's approvals back (on GitLab only she herself can)."""
        pull = self.pull(number)
        for one in pull.reviews:
            if one.who == who and one.verdict in ("approved", "changes-requested"):
                one.verdict = "dismissed"
        pull.approvers.discard(who)
        self.repository.tick()
        if self.kind == "gitlab":
            self._note(pull, who, "unapproved this merge request")

    def comment(self, number: int, who: str, text: str) -> str:
        """Comment on one: the comment's id."""
        self.repository.person(who)
        at = self.repository.tick()
        pull = self.pull(number)
        pull.said.append(Said(self.repository.new_id(), who, text, at, at))
        return str(pull.said[-1].id)

    def edit_comment(self, comment: str, text: str) -> None:
        """As somebody with the right does: whose it is does not change."""
        [found] = [o for pull in self.repository.pulls.values() for o in pull.said if str(o.id) == comment]
        found.text, found.changed = text, self.repository.tick()

    def texts(self, number: int) -> list[str]:
        """The comments of people and of the bot, the oldest first."""
        return [one.text for one in self.pull(number).said if not one.system]

    def merge(self, number: int, way: Way = "merge") -> str:
        """Merge one as it is now: the commit that its base branch is at then."""
        pull = self.pull(number)
        base = self.repository.tip(pull.base_branch)
        made = self.repository.merge_commit(base, pull.head, f"Merge pull request #{number}", way=way)
        git(self.remote, "update-ref", f"refs/heads/{pull.base_branch}", made, base)
        pull.merged, pull.squashed = made, way == "squash"
        self.repository.tick()
        return made

    def queue(self, number: int) -> tuple[str, str]:
        """Put one into the merge queue: the ref that the host makes for that, and its commit.

        It is made anew where the base branch or the head has moved since.
        """
        pull = self.pull(number)
        base = self.repository.tip(pull.base_branch)
        if (pull.head, base) not in self._queued:
            made = self.repository.merge_commit(base, pull.head, f"Merge pull request #{number}")
            self._queued[pull.head, base] = made
        made = self._queued[pull.head, base]
        if self.kind == "github":
            ref = f"refs/heads/gh-readonly-queue/{pull.base_branch}/pr-{number}-{base}"
        else:
            ref = f"refs/merge-requests/{number}/train"
        git(self.remote, "update-ref", ref, made)
        return ref, made

    def leave_queue(self, number: int) -> str:
        """Merge what the queue has made: the base branch goes to that very commit."""
        pull = self.pull(number)
        ref, made = self.queue(number)
        git(self.remote, "update-ref", f"refs/heads/{pull.base_branch}", made)
        git(self.remote, "update-ref", "-d", ref)
        pull.merged = made
        return made

    def close(self, number: int) -> None:
        """Close one without merging it."""
        self.pull(number).closed = True

    def delete_fork(self, owner: str) -> None:
        """Somebody deletes her fork."""
        del self.repository.forks[owner]

    @property
    def statuses(self) -> list[Status]:
        """What was said at commits."""
        return self.repository.statuses

    def _note(self, pull: Pull, who: str, text: str) -> None:
        pull.said.append(
            Said(self.repository.new_id(), who, text, self.repository.now, self.repository.now, system=True)
        )

    # What the host does to those who ask

    def throttle(self, times: int = 1, *, wait: int = 1, secondary: bool = False) -> None:
        """Answer the next requests that they are too many; `secondary` as GitHub does for too much at once."""
        if self.kind == "gitlab":
            answer = Answer(429, {"message": "Retry later"}, {"Retry-After": str(wait)})
        elif secondary:
            words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            answer = Answer(403, github.failure(403, words), {"Retry-After": str(wait)})
        else:
            answer = Answer(
                429,
                github.failure(429, "API rate limit exceeded"),
                {"Retry-After": str(wait), "X-RateLimit-Remaining": "0"},
            )
        self.site.instead += [answer] * times

    def fail(self, status: int, times: int = 1) -> None:
        """Answer the next requests with a failure of the server."""
        self.site.instead += [Answer(status, self.site.failure(status, "Server Error"))] * times

    def lose_answer(self, times: int = 1) -> None:
        """Carry the next requests out, and drop the connection before an answer."""
        self.site.instead += [None] * times

    def go_down(self, *, down: bool = True) -> None:
        """Answer every request with 503, or stop that."""
        self.site.is_down = down

    # What a job has

    def environ(self, number: int | None = None, event: Event = "pull_request", **more: str) -> dict[str, str]:
        """The variables of a job: to be added to a process's environment, `PATH` and the like are not among them.

        `pull_request` of one that is merged is the event of its closing. A job of a fork's pull request gets no token
        that writes. `more` are variables beside them; `comment=…` is the text of an `issue_comment`, which is about the
        last comment of a person; on GitLab a webhook starts that pipeline.
        """
        pull = self.pull(number) if number is not None else None
        comment = more.pop("comment", "")
        if self.kind == "github":
            return self._github(pull, event, comment) | more
        return self._gitlab(pull, event) | more

    def _github(self, pull: Pull | None, event: Event, comment: str) -> dict[str, str]:
        assert isinstance(self.api, github.GitHub)
        tip = self.repository.tip("main")
        payload: dict[str, Any] = {"repository": {"full_name": "acme/platform", "default_branch": "main"}}
        ref, commit, names = "refs/heads/main", tip, {}
        if pull is not None and event in ("pull_request", "pull_request_review"):
            shape = self.api.shape(pull)
            action = "closed" if pull.merged or pull.closed else "opened" if len(pull.versions) == 1 else "synchronize"
            payload |= {"action": action, "number": pull.number, "pull_request": shape}
            ref = f"refs/pull/{pull.number}/merge"
            commit = pull.merged or self.repository.merge_commit(tip, pull.head, "Merge")
            git(self.remote, "update-ref", ref, commit)
            names = {"GITHUB_HEAD_REF": pull.branch, "GITHUB_BASE_REF": pull.base_branch}
            if event == "pull_request_review":
                last = pull.reviews[-1]
                said = {"state": last.verdict.replace("-", "_"), "commit_id": last.commit, "user": {"login": last.who}}
                payload |= {"action": "submitted", "review": said}
        elif pull is not None and event == "issue_comment":
            payload |= {
                "action": "created",
                "issue": {"number": pull.number, "pull_request": {"url": f"{self.site.url}/pulls/{pull.number}"}},
                "comment": {
                    "id": self._last(pull).id,
                    "body": comment or self._last(pull).text,
                    "user": {"login": self._last(pull).who},
                },
            }
        elif pull is not None and event == "merge_group":
            ref, commit = self.queue(pull.number)
            payload |= {
                "action": "checks_requested",
                "merge_group": {"head_ref": ref, "head_sha": commit, "base_ref": "refs/heads/main", "base_sha": tip},
            }
        elif event == "push":
            payload |= {
                "ref": ref,
                "before": git(self.remote, "rev-parse", f"{tip}^") if self._has_parent(tip) else ZERO,
            }
            payload |= {"after": tip}
        path = self.folder / f"event-{self.repository.new_id()}.json"
        path.write_text(json.dumps(payload))
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": pull.author if pull else "dana",
            "GITHUB_API_URL": self.site.url,
            "GITHUB_GRAPHQL_URL": f"{self.site.url}/graphql",
            "GITHUB_SERVER_URL": self.site.origin,
            "GITHUB_REPOSITORY": "acme/platform",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REF": ref,
            "GITHUB_SHA": commit,
            "GITHUB_RUN_ID": str(self.repository.new_id()),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_STEP_SUMMARY": str(path.with_suffix(".summary")),
            "GITHUB_OUTPUT": str(path.with_suffix(".output")),
            "GITHUB_TOKEN": READER if pull is not None and pull.fork and event != "issue_comment" else TOKEN,
            **names,
        }

    def _last(self, pull: Pull) -> Said:
        """The last comment of a person."""
        found = [one for one in pull.said if one.who != self.bot and not one.system]
        return found[-1] if found else Said(0, "dana", "", self.repository.now, self.repository.now)

    def _webhook(self, pull: Pull) -> Path:
        """What GitLab's webhook sends about the last comment."""
        said = self._last(pull)
        note = {"id": said.id, "note": said.text, "noteable_type": "MergeRequest", "action": "create"}
        path = self.folder / f"payload-{self.repository.new_id()}.json"
        path.write_text(
            json.dumps({"object_kind": "note", "object_attributes": note, "merge_request": {"iid": pull.number}})
        )
        return path

    def _has_parent(self, commit: str) -> bool:
        return len(git(self.remote, "rev-list", "--parents", "-n1", commit).split()) > 1

    def _gitlab(self, pull: Pull | None, event: Event) -> dict[str, str]:
        tip = self.repository.tip("main")
        source = {"pull_request": "merge_request_event", "merge_group": "merge_request_event", "schedule": "schedule"}
        made = {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_API_V4_URL": self.site.url,
            "CI_SERVER_URL": self.site.origin,
            "CI_PROJECT_ID": str(gitlab.PROJECT),
            "CI_PROJECT_PATH": "acme/platform",
            "CI_DEFAULT_BRANCH": "main",
            "CI_PIPELINE_SOURCE": source.get(event, "push"),
            "CI_PIPELINE_ID": str(self.repository.new_id()),
            "CI_JOB_ID": str(self.repository.new_id()),
            "CI_JOB_URL": f"{self.site.origin}/acme/platform/-/jobs/1",
            "CI_JOB_TOKEN": JOB_TOKEN,
            "GITLAB_USER_LOGIN": pull.author if pull else "dana",
            "GITLAB_TOKEN": TOKEN,
        }
        if pull is not None and event == "issue_comment":
            made |= {"CI_PIPELINE_SOURCE": "trigger", "TRIGGER_PAYLOAD": str(self._webhook(pull))}
        if pull is None or event not in ("pull_request", "merge_group"):
            return {**made, "CI_COMMIT_SHA": tip, "CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main"}
        commit = self.queue(pull.number)[1] if event == "merge_group" else pull.head
        kind = "merge_train" if event == "merge_group" else "detached"
        newest = pull.versions[-1]
        made |= {
            "CI_COMMIT_SHA": commit,
            "CI_COMMIT_REF_NAME": pull.branch,
            "CI_MERGE_REQUEST_IID": str(pull.number),
            "CI_MERGE_REQUEST_EVENT_TYPE": kind,
            "CI_MERGE_REQUEST_PROJECT_ID": str(gitlab.PROJECT),
            "CI_MERGE_REQUEST_PROJECT_PATH": "acme/platform",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": newest.base,
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": pull.base_branch,
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": tip if event == "merge_group" else "",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": pull.branch,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": pull.head if event == "merge_group" else "",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": f"{pull.fork or 'acme'}/platform",
        }
        if pull.fork:  # its pipeline is the fork's, and has none of the project's variables
            made |= {"CI_PROJECT_ID": str(500 + len(pull.fork)), "CI_PROJECT_PATH": f"{pull.fork}/platform"}
            del made["GITLAB_TOKEN"]
        return made
