"""What is GitLab's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hosts.serving import Answer

from gaia.errors import GaiaError

if TYPE_CHECKING:
    from tests.unit.ci.hosts.conftest import At

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "text",
    [
        "/merge",
        "fine\n/approve",
        "```\n/close\n```",
        "a\n  /merge",
        "a\r\n\r/merge",
        "a\n\n/label ~x",
        "> q\n\n\t/unlock",
    ],
)
def test_no_line_of_a_text_is_a_quick_action(gitlab: At, text: str) -> None:
    """`/merge` in what terraform says would be done in the name of the token's owner."""
    host = gitlab.host()
    host.put_comment(gitlab.number, "ci:plan", text)
    host.put_issue("drift", "Drift", text)
    [issue] = gitlab.hosted.repository.issues.values()
    for written in (*gitlab.hosted.texts(gitlab.number), issue.text):
        assert not [line for line in written.replace("\r", "").split("\n") if line.lstrip().startswith("/")]
        assert written.replace("\u200b", "").endswith(text)


def test_an_approval_is_of_the_version_that_there_was(gitlab: At) -> None:
    """GitLab says when, and which heads there were when; not which head was approved."""
    heads = [gitlab.hosted.pull(gitlab.number).head]
    for text in ("third", "fourth"):
        gitlab.hosted.review(gitlab.number, f"before-{text}")
        heads.append(gitlab.push(text))
        gitlab.hosted.pull(gitlab.number)
    given = gitlab.host().reviews(gitlab.number)
    assert [(one.author, one.commit) for one in given] == [("before-third", heads[0]), ("before-fourth", heads[1])]


def test_an_approval_that_gitlab_reset_is_dismissed(gitlab: At) -> None:
    """No note of the person's says so: it just is not counted any more."""
    gitlab.hosted.repository.reset_approvals_on_push = True
    gitlab.hosted.review(gitlab.number, "erin")
    gitlab.push("third")
    assert [one.verdict for one in gitlab.host().reviews(gitlab.number)] == ["approved", "dismissed"]


def test_a_comment_that_says_what_the_host_says_approves_of_nothing(gitlab: At) -> None:
    """Only notes of the system count."""
    gitlab.hosted.comment(gitlab.number, "mallory", "approved this merge request")
    assert gitlab.host().reviews(gitlab.number) == ()


def test_a_jobs_own_token_cannot_comment_and_says_what_can(gitlab: At) -> None:
    """It is taken where there is no other."""
    with pytest.raises(GaiaError) as failed:
        gitlab.host(GITLAB_TOKEN="").put_comment(gitlab.number, "ci:plan", "1 to add")
    assert failed.value.code == "host-unauthenticated"
    assert "project access token" in failed.value.next_step
    assert "job-token" in gitlab.hosted.site.asked[0][0].headers


def test_the_job_of_a_fork_asks_the_project_that_it_is_for(gitlab: At) -> None:
    """Its pipeline is the fork's."""
    gitlab.host(CI_PROJECT_ID="999", CI_MERGE_REQUEST_PROJECT_ID="41").pull_request(gitlab.number)
    assert gitlab.hosted.site.asked[0][0].path.startswith("/projects/41/")


def test_a_project_may_be_named_by_its_path(gitlab: At) -> None:
    """As a remote's address has it."""
    found = gitlab.host(CI_PROJECT_ID="acme/platform", CI_MERGE_REQUEST_PROJECT_ID="").pull_request(gitlab.number)
    assert found.number == gitlab.number


def test_guests_and_the_blocked_are_no_members(gitlab: At) -> None:
    """Who may not push may not approve either."""
    people = [
        {"username": "erin", "state": "active", "access_level": 30},
        {"username": "guest", "state": "active", "access_level": 10},
        {"username": "gone", "state": "blocked", "access_level": 50},
    ]
    gitlab.hosted.site.instead = [Answer(200, people)] * 4
    host = gitlab.host()
    assert host.members("acme/owners") == {"erin"}
    assert host.may_write("Erin"), "GitLab's names are the same in any letters"
    assert (host.may_write("guest"), host.may_write("gone")) == (False, False)
