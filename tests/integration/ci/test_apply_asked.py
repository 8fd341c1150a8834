"""`/gaia apply` in a comment: what was approved is applied before the merge, once, and the merge finds it there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.hosts.hosted import Hosted
from tests.integration.ci.jobs import ALL, Jobs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hosts.hosted import Kind
    from tests.integration.ci.jobs import Done

pytestmark = [pytest.mark.cloud, pytest.mark.long(2)]


@pytest.fixture(name="jobs", params=["github", "gitlab"])
def at_a_host(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Jobs]:
    """Three instances, of which one reads another; `ann` owns everything, `bob` may push, `eve` may not."""
    kind: Kind = request.param
    with Hosted(tmp_path, kind) as host:
        for name in ("ann", "bob"):
            host.person(name)
        host.person("eve", writes=False)
        jobs = Jobs(host, tmp_path)
        jobs.begin()
        yield jobs


def ask(jobs: Jobs, number: int, who: str = "bob", text: str = "/gaia apply") -> Done:
    """Somebody comments, now, and the job of that runs."""
    jobs.host.repository.now = max(jobs.host.repository.now, datetime.now(UTC))
    jobs.host.comment(number, who, text)
    return jobs.run("apply", pull=number, event="issue_comment")


@pytest.mark.parametrize("jobs", ["github"], indirect=True)
def test_a_comment_applies_nothing_that_the_merge_would_not(jobs: Jobs) -> None:
    """Of somebody who may not push, edited, replayed, from before the plan, without the owner's yes: nothing."""
    jobs.change(web="pages")
    number = jobs.host.open_pull_request("change")
    early = ask(jobs, number)
    assert "preview-missing" in early.said
    assert jobs.plan(number).code == 0
    old = jobs.run("apply", pull=number, event="issue_comment")
    assert "comment-outdated" in old.said, old.said
    assert "was not there yet" in "".join(jobs.host.texts(number))
    assert "comment-not-allowed" in ask(jobs, number, "eve").said
    asked = ask(jobs, number)
    assert (asked.code, asked.document["result"]) == (1, "unapproved"), asked.said
    assert ask(jobs, number, text="please /gaia apply").document["result"] == "ignored"
    jobs.review(number, "ann")
    jobs.host.edit_comment(jobs.host.comment(number, "bob", "hello"), "/gaia apply")
    edited = jobs.run("apply", pull=number, event="issue_comment")
    assert "comment-edited" in edited.said
    assert jobs.state("web") == {}


def test_what_was_applied_before_the_merge_is_found_applied_by_it(jobs: Jobs) -> None:
    """A replay does nothing, a later push is shown on top of it, until it ends nobody else has the instance; a queue
    lets it pass."""
    jobs.change(web="pages", net="network")
    number = jobs.host.open_pull_request("change")
    assert jobs.plan(number).code == 0
    jobs.review(number, "ann")
    done = ask(jobs, number)
    assert (done.code, done.document["result"]) == (0, "applied"), done.said
    assert jobs.state("web")["input"]["value"] == "pages"
    assert "merge it, and nothing is left to do" in "".join(jobs.host.texts(number)).replace("\\", "")
    replayed = jobs.run("apply", pull=number, event="issue_comment")
    assert "comment-answered" in replayed.said
    jobs.change(web="sheets", net="network")
    jobs.host.repository.look(jobs.host.pull(number))
    planned = jobs.plan(number)
    assert planned.code == 0, planned.said
    shown = jobs.host.texts(number)[0].replace("\\", "")
    assert "Applied before the merge" in shown
    assert "`dev/web`" in shown
    assert "this commit says something else" in shown
    assert "it is as this commit says" in shown
    jobs.change("other", net="mine")
    other = jobs.host.open_pull_request("other")
    jobs.plan(other)
    assert f"belongs to pull request {number}" in jobs.host.texts(other)[0]
    again = ask(jobs, number)
    assert (again.code, again.document["result"]) == (1, "unapproved"), again.said
    jobs.review(number, "ann")
    again = ask(jobs, number)
    assert (again.code, again.document["result"]) == (0, "applied"), again.said
    queued = jobs.run("plan", pull=number, event="merge_group")
    assert queued.code == 0, queued.said
    merged = jobs.apply(jobs.host.merge(number))
    assert (merged.code, merged.document["result"]) == (0, "unchanged"), merged.said
    assert "applied before the merge, when bob asked" in "".join(jobs.host.texts(number))
    assert jobs.state("web")["input"]["value"] == "sheets"


@pytest.mark.parametrize("jobs", ["github"], indirect=True)
def test_a_push_during_the_application_changes_nothing_of_it(jobs: Jobs, tmp_path: Path) -> None:
    """What was approved is applied to its end; what was forced over it meanwhile is another plan without a yes."""
    running, pushed = tmp_path / "running", tmp_path / "pushed"
    jobs.change(web="pages", more=f'command: "echo on >>{running}; sleep 6"')
    number = jobs.host.open_pull_request("change")
    assert jobs.plan(number).code == 0
    jobs.review(number, "ann")
    jobs.host.repository.now = max(jobs.host.repository.now, datetime.now(UTC))
    jobs.host.comment(number, "bob", "/gaia apply")

    def pushes() -> bool:
        if running.exists() and not pushed.exists():
            pushed.touch()
            jobs.change(web="evil")
            jobs.host.repository.look(jobs.host.pull(number))
        return False

    done = jobs.run("apply", pull=number, event="issue_comment", dies=pushes)
    assert (done.code, done.document["result"]) == (0, "applied"), done.said
    assert pushed.exists()
    assert jobs.state("web")["input"]["value"] == "pages"
    assert jobs.plan(number).code == 0
    assert "needs @ann" in jobs.host.texts(number)[0].replace("\\", "")
    done = jobs.apply(jobs.host.merge(number))
    assert (done.code, done.document["result"]) == (1, "unapproved"), done.said
    assert jobs.state("web")["input"]["value"] == "pages"


@pytest.mark.parametrize("jobs", ["github"], indirect=True)
def test_a_state_that_would_be_lost_with_the_job_is_not_made(jobs: Jobs) -> None:
    """What merging gives lies in a folder that is gone at the end; nor is a draft applied, or what has a conflict."""
    local = ALL.format(states=jobs.states).replace(f"path: {jobs.states}/x, workspace_dir: {jobs.states}", "path: x")
    jobs.commit(None, **{"stacks/dev.yaml": local})
    jobs.change(web="pages")
    number = jobs.host.open_pull_request("change")
    assert jobs.plan(number).code == 1
    assert "would be gone with it" in jobs.host.texts(number)[0]
    jobs.review(number, "ann")
    assert "state-in-checkout" in ask(jobs, number).said
    jobs.host.pull(number).draft = True
    assert "pull-request-not-open" in ask(jobs, number).said
    jobs.host.pull(number).draft = False
    jobs.change(None, web="mine")
    assert "merge-conflict" in ask(jobs, number).said
    assert "cannot be merged" in "".join(jobs.host.texts(number))
