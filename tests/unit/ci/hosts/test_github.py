"""What is GitHub's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hosts.hosted import READER
from tests.hosts.serving import Answer

from gaia.errors import Conflict, GaiaError

if TYPE_CHECKING:
    from tests.unit.ci.hosts.conftest import At

pytestmark = pytest.mark.slow


def test_a_jobs_own_token_knows_who_it_is(github: At) -> None:
    """REST does not tell an installation, so GraphQL is asked, once."""
    host = github.host()
    host.put_comment(github.number, "ci:plan", "1 to add")
    host.put_comment(github.number, "ci:plan", "2 to add")
    assert [asked.path for asked, _ in github.hosted.site.asked].count("/graphql") == 1
    assert github.hosted.pull(github.number).said[0].who == "github-actions[bot]"


def test_each_request_says_which_version_it_wants(github: At) -> None:
    """A later one may answer otherwise; and the token is nowhere but in its header."""
    github.host().pull_request(github.number)
    [(asked, _)] = github.hosted.site.asked
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert "token" not in asked.path + str(asked.query)


def test_the_secondary_limit_is_waited_for(github: At) -> None:
    """It is told from a right that is missing by its words or its header; without a time it is a minute."""
    github.hosted.throttle(1, wait=9, secondary=True)
    github.host().pull_request(github.number)
    words = {"message": "You have exceeded a secondary rate limit."}
    github.hosted.site.instead = [Answer(403, words)]
    github.host().pull_request(github.number)
    assert github.waited == [9.0, 60.0]


def test_a_limit_that_ends_at_a_moment_is_waited_for(github: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `x-ratelimit-reset` says, in seconds since 1970."""
    from datetime import UTC, datetime

    from gaia.kit import clock

    monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(1_000_000, UTC))
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000020"}
    github.hosted.site.instead = [Answer(403, {"message": "API rate limit exceeded"}, headers)]
    github.host().pull_request(github.number)
    assert github.waited == [21.0]


def test_a_token_that_only_reads_says_what_it_needs(github: At) -> None:
    """As a fork's pull request has it."""
    with pytest.raises(GaiaError) as failed:
        github.host(GITHUB_TOKEN=READER).put_comment(github.number, "ci:plan", "1 to add")
    assert failed.value.code == "host-forbidden"
    assert "`pull-requests: write`" in failed.value.next_step


def test_who_is_in_a_team_no_job_may_see(github: At) -> None:
    """A job's own token is told that the team does not exist."""
    github.hosted.team("acme/owners", "erin")
    with pytest.raises(GaiaError) as failed:
        github.host().members("acme/owners")
    assert failed.value.code == "host-not-found"


def test_an_account_that_is_gone_has_no_name(github: At) -> None:
    """Its approval is nobody's, and its comment is not ours."""
    gone = {
        "id": 1, "user": None, "body": None, "state": "APPROVED", "commit_id": None,
        "submitted_at": "2026-11-02T08:00:00Z", "created_at": "2026-11-02T08:00:00Z",
        "updated_at": "2026-11-02T08:00:00Z",
    }  # fmt: skip
    host = github.host()
    host.comments(github.number)
    github.hosted.site.instead = [Answer(200, [gone])] * 2
    [review] = host.reviews(github.number)
    [comment] = host.comments(github.number)
    assert (review.author, review.commit) == ("", "")
    assert (comment.author, comment.text, comment.ours) == ("", "", False)


def test_a_review_that_nobody_submitted_is_none(github: At) -> None:
    """GitHub lists what its author has begun to write."""
    pending = {"id": 1, "user": {"login": "erin", "id": 7}, "state": "PENDING", "commit_id": "1" * 40}
    github.hosted.site.instead = [Answer(200, [pending])]
    assert github.host().reviews(github.number) == ()


def test_pull_requests_among_issues_are_no_issues(github: At) -> None:
    """GitHub lists them together; one of ours with the marker is not written over."""
    github.hosted.pull(github.number).author = github.hosted.bot
    url = github.host().put_issue("drift", "Drift", "text")
    assert url is not None
    assert url.endswith(f"/issues/{github.number + 1}")


def test_the_merge_queue_has_a_commit_of_its_own(github: At) -> None:
    """Its ref is where jobs of `merge_group` are; what it made is what the branch becomes."""
    import json
    from pathlib import Path

    told = github.hosted.environ(github.number, "merge_group")
    event = json.loads(Path(told["GITHUB_EVENT_PATH"]).read_text())["merge_group"]
    assert (
        told["GITHUB_REF"]
        == event["head_ref"]
        == f"refs/heads/gh-readonly-queue/main/pr-{github.number}-" + event["base_sha"]
    )
    assert told["GITHUB_SHA"] == event["head_sha"] == github.hosted.leave_queue(github.number)
    assert github.host().pull_request(github.number).merged == event["head_sha"]


def test_whose_commits_it_brings_is_told_and_of_too_many_nobody_knows(github: At) -> None:
    """People alone; GitHub lists 250 and no more."""
    assert github.host().committers(github.number) == {"dana"}
    ann = {"author": {"login": "ann", "id": 7}, "committer": None, "sha": "1" * 40}
    github.hosted.site.instead = [Answer(200, [ann])]
    assert github.host().committers(github.number) == {"ann"}
    github.hosted.site.instead = [Answer(200, [ann] * 250)]
    with pytest.raises(Conflict) as caught:
        github.host().committers(github.number)
    assert caught.value.code == "commits-uncounted"
