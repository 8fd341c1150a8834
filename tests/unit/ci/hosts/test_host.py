"""What every host does: one suite for both. Requests and answers are held against what the hosts publish."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from tests.hosts.hosted import TOKEN
from tests.hosts.serving import Answer
from tests.hosts.state import Status, git

from gaia.errors import GaiaError

if TYPE_CHECKING:
    from tests.unit.ci.hosts.conftest import At

pytestmark = pytest.mark.slow
MARKER = "ci:plan"


def code(failed: pytest.ExceptionInfo[GaiaError]) -> str:
    """The code of an error that has a next step and holds no token."""
    error = failed.value
    assert error.next_step
    assert TOKEN not in f"{error.message} {error.next_step} {error.facts}"
    return error.code


def test_a_pull_request_is_read(at: At) -> None:
    """Who, from where, to where, at which commits."""
    found = at.host().pull_request(at.number)
    assert (found.number, found.author, found.state) == (at.number, "dana", "open")
    assert (found.base_branch, found.head) == ("main", at.hosted.repository.tip("change"))
    assert (found.merged, found.fork, found.draft) == (None, False, False)


@pytest.mark.parametrize("way", ["merge", "squash", "rebase"])
def test_a_merged_one_says_which_commit_it_became(at: At, way: str) -> None:
    """However it is merged; and that commit, like those of its head, leads back to it."""
    became = at.hosted.merge(at.number, way)  # type: ignore[arg-type]
    found = at.host().pull_request(at.number)
    assert (found.state, found.merged) == ("merged", became)
    assert [one.number for one in at.host().pull_requests_of(became)] == [at.number]
    assert at.host().pull_requests_of(found.head) == (found,)


def test_a_closed_one_became_nothing(at: At) -> None:
    """GitHub names a commit there all the same: that of a merge that it tried."""
    at.hosted.close(at.number)
    found = at.host().pull_request(at.number)
    assert (found.state, found.merged) == ("closed", None)


def test_an_unknown_commit_is_of_no_pull_request(at: At) -> None:
    """Nor is that an error."""
    assert at.host().pull_requests_of("0" * 39 + "1") == ()


def test_a_fork_is_told(at: At) -> None:
    """Also when it was deleted meanwhile on GitHub."""
    clone = at.hosted.clone("mallory")
    (clone / "file").write_text("theirs")
    git(clone, "commit", "-qam", "theirs")
    git(clone, "push", "-q", "origin", "HEAD:theirs")
    number = at.hosted.open_pull_request("theirs", fork="mallory")
    assert at.host().pull_request(number).fork
    if at.hosted.kind == "github":
        at.hosted.close(number)
        at.hosted.delete_fork("mallory")
        assert at.host().pull_request(number).fork


def test_a_review_is_of_a_commit(at: At) -> None:
    """What was pushed later has no approval; who approves anew approves of that; the history is whole."""
    first = at.hosted.pull(at.number).head
    at.hosted.review(at.number, "erin")
    second = at.push("third")
    given = at.host().reviews(at.number)
    assert [(one.author, one.commit, one.verdict) for one in given] == [("erin", first, "approved")]
    at.hosted.pull(at.number)
    at.hosted.review(at.number, "frank", "changes-requested")
    at.hosted.review(at.number, "erin")
    given = at.host().reviews(at.number)
    assert [(one.author, one.commit, one.verdict) for one in given] == [
        ("erin", first, "approved"), ("frank", second, "changes-requested"), ("erin", second, "approved"),
    ]  # fmt: skip
    assert [one.at for one in given] == sorted(one.at for one in given)


def test_a_dismissed_review_approves_of_nothing(at: At) -> None:
    """Whatever came before it, the last word of that person is a dismissal."""
    at.hosted.review(at.number, "erin")
    at.hosted.dismiss(at.number, "erin")
    assert at.host().reviews(at.number)[-1].verdict == "dismissed"


def test_reviews_and_comments_are_read_to_the_last_page(at: At) -> None:
    """Two a page, of seven."""
    at.hosted.site.largest_page = 2
    for number in range(7):
        at.hosted.review(at.number, f"reviewer-{number}")
        at.hosted.comment(at.number, "dana", f"comment {number}")
    assert len(at.host().reviews(at.number)) == 7
    assert [one.text for one in at.host().comments(at.number)] == [f"comment {number}" for number in range(7)]


def test_there_is_one_comment_and_it_is_written_over(at: At) -> None:
    """The same text is not even sent again."""
    at.hosted.comment(at.number, "dana", "What will it cost?")
    first = at.host().put_comment(at.number, MARKER, "1 to add")
    again = at.host().put_comment(at.number, MARKER, "2 to add\n")
    asked = len(at.hosted.site.asked)
    same = at.host().put_comment(at.number, MARKER, "2 to add")
    other = at.host().put_comment(at.number, "ci:apply", "applied")
    assert first.id == again.id == same.id != other.id
    assert (first.ours, first.edited, again.edited) == (True, False, True)
    assert {asked.method for asked, _ in at.hosted.site.asked[asked:-3]} - {"POST"} == {"GET"}
    assert at.hosted.texts(at.number) == [
        "What will it cost?", "<!-- gaia ci:plan -->\n2 to add", "<!-- gaia ci:apply -->\napplied",
    ]  # fmt: skip


def test_somebody_elses_marker_is_not_ours(at: At) -> None:
    """A copy of our comment is left alone, and is nowhere said to be ours."""
    at.hosted.comment(at.number, "mallory", "<!-- gaia ci:plan -->\nno changes")
    made = at.host().put_comment(at.number, MARKER, "1 to destroy")
    assert at.hosted.texts(at.number) == ["<!-- gaia ci:plan -->\nno changes", "<!-- gaia ci:plan -->\n1 to destroy"]
    assert [one.ours for one in at.host().comments(at.number)] == [False, True]
    assert made.author == at.hosted.bot


def test_a_marker_within_a_text_of_ours_is_no_marker(at: At) -> None:
    """What a comment quotes cannot make it another one."""
    at.host().put_comment(at.number, MARKER, "It says <!-- gaia ci:apply -->")
    at.host().put_comment(at.number, "ci:apply", "applied")
    assert len(at.hosted.texts(at.number)) == 2


def test_a_comment_that_somebody_edited_is_told_and_written_over(at: At) -> None:
    """It is still ours, but not as we wrote it."""
    made = at.host().put_comment(at.number, MARKER, "1 to destroy")
    at.hosted.edit_comment(made.id, "<!-- gaia ci:plan -->\nno changes")
    [edited] = at.host().comments(at.number)
    assert (edited.ours, edited.edited) == (True, True)
    at.host().put_comment(at.number, MARKER, "1 to destroy")
    assert at.hosted.texts(at.number) == ["<!-- gaia ci:plan -->\n1 to destroy"]


def test_a_lost_answer_does_not_make_two_comments(at: At) -> None:
    """It was written, and the connection ended: it is found again."""
    host = at.host()
    host.comments(at.number)
    host.put_comment(at.number, "other", "so that who we are is known")
    at.hosted.site.instead = [*[_answered(at)], None]
    host.put_comment(at.number, MARKER, "1 to add")
    assert len(at.hosted.texts(at.number)) == 2


def _answered(at: At) -> Answer:
    """The list of comments, as it is: the request before the one that is lost."""
    api = at.hosted.api
    shape = api._comment if at.hosted.kind == "github" else api._note  # type: ignore[union-attr]
    return Answer(200, [shape(one) for one in at.hosted.pull(at.number).said])


@pytest.mark.parametrize("text", ["x" * 65_536, "🔷" * 40_000])
def test_a_comment_over_the_limit_is_refused_before_it_is_sent(at: At, text: str) -> None:
    """Nothing is cut silently, and nothing is asked; characters are those of UTF-16."""
    with pytest.raises(GaiaError) as failed:
        at.host().put_comment(at.number, MARKER, text)
    assert code(failed) == "comment-too-long"
    assert at.hosted.site.asked == []


@pytest.mark.parametrize("marker", ["", "a--b", "a-", "a b", "a-->b", "-a", "a\n", "x" * 300])
def test_a_marker_that_would_not_stay_hidden_is_refused(at: At, marker: str) -> None:
    """It is ours to choose, so that is a defect."""
    with pytest.raises(GaiaError) as failed:
        at.host().put_comment(at.number, marker, "text")
    assert code(failed) == "marker-unusable"


def test_an_issue_is_opened_kept_up_to_date_and_closed(at: At) -> None:
    """One at a time; closed when there is nothing to say; the next time it is a new one."""
    host = at.host()
    assert host.put_issue("drift", "Drift", "") is None
    assert not at.hosted.repository.issues
    url = host.put_issue("drift", "Drift in 1 instance", "bucket")
    assert host.put_issue("drift", "Drift in 2 instances", "bucket, vpc") == url
    asked = len(at.hosted.site.asked)
    assert host.put_issue("drift", "Drift in 2 instances", "bucket, vpc") == url
    assert {each.method for each, _ in at.hosted.site.asked[asked:]} == {"GET"}
    [issue] = at.hosted.repository.issues.values()
    assert (issue.title, issue.text) == ("Drift in 2 instances", "<!-- gaia drift -->\nbucket, vpc")
    assert host.put_issue("drift", "Drift", "") is None
    assert issue.closed
    assert host.put_issue("drift", "Drift in 1 instance", "vpc") != url


def test_somebody_elses_issue_with_our_marker_is_left_alone(at: At) -> None:
    """It is not ours to edit."""
    theirs = at.host(GITHUB_TOKEN=at.hosted.token("dana"), GITLAB_TOKEN=at.hosted.token("dana"))
    theirs.put_issue("drift", "Mine", "text")
    at.host().put_issue("drift", "Drift", "text")
    assert [(one.who, one.title) for one in at.hosted.repository.issues.values()] == [
        ("dana", "Mine"), (at.hosted.bot, "Drift"),
    ]  # fmt: skip


def test_who_belongs_to_a_team(at: At) -> None:
    """Written with or without the sign that CODEOWNERS has; in the name of somebody who may see it."""
    at.hosted.site.largest_page = 1
    at.hosted.team("acme/platform-owners", "erin", "frank")
    own = at.hosted.token("dana")
    host = at.host(GITHUB_TOKEN=own, GITLAB_TOKEN=own)
    for name in ("acme/platform-owners", "@acme/platform-owners"):
        assert host.members(name) == {"erin", "frank"}


def test_a_team_that_cannot_be_seen_is_an_error_not_an_empty_one(at: At) -> None:
    """What nobody is in, anybody might otherwise be said to need no approval of."""
    with pytest.raises(GaiaError) as failed:
        at.host().members("acme/nobodys")
    assert code(failed) == "host-not-found"


@pytest.mark.parametrize("team", ["", "@", "..", "./x"])
def test_a_team_whose_name_leads_elsewhere_is_refused(at: At, team: str) -> None:
    """Nothing is asked; a group's path of GitLab's is one part of an address, and leads nowhere."""
    with pytest.raises(GaiaError) as failed:
        at.host().members(team)
    one_part = at.hosted.kind == "gitlab" and "/" in team
    assert code(failed) == ("host-not-found" if one_part else "host-name-unusable")
    assert [asked.path for asked, *_ in at.hosted.site.asked] == (
        [f"/groups/{quote(team.removeprefix('@'), safe='')}/members"] if one_part else []
    )


def test_who_may_write(at: At) -> None:
    """Nobody whom the host does not know, nor somebody whose name has a writer's as a part."""
    at.hosted.person("erin", writes=True)
    at.hosted.person("erin-2", writes=False)
    host = at.host()
    assert host.may_write("erin")
    assert not host.may_write("erin-2")
    assert not host.may_write("eri")
    assert not host.may_write("nobody/../erin")


def test_the_host_tells_whose_the_token_is(at: At) -> None:
    """Of a job's own token too; asked once."""
    host = at.host()
    assert (host.account, host.account) == (at.hosted.bot, at.hosted.bot)
    assert len(at.hosted.site.asked) == 1


def test_a_status_is_set_at_a_commit(at: At) -> None:
    """Saying the same twice is no error; what is too long is cut."""
    head = at.hosted.pull(at.number).head
    for state in ("success", "success"):
        at.host().set_status(head, "gaia/plan", state, "x" * 400, "https://ci.example/1")
    at.host().set_status(head, "gaia/plan", "failure", "no", "")
    last = at.hosted.statuses[-1]
    assert last == Status(head, "gaia/plan", "failure" if at.hosted.kind == "github" else "failed", "no", "")
    assert len(at.hosted.statuses[0].text) == (140 if at.hosted.kind == "github" else 255)


def test_throttling_is_waited_for_as_long_as_the_host_says(at: At) -> None:
    """And told: nobody wonders why nothing happens. What was throttled was not done, so a comment may be sent again."""
    at.hosted.throttle(2, wait=7)
    assert at.host().pull_request(at.number).number == at.number
    assert at.waited == [7.0, 7.0]
    name = "GitHub" if at.hosted.kind == "github" else "GitLab"
    assert at.told == [f"Waiting 7 s for {name}: it throttles."] * 2
    host = at.host()
    host.comments(at.number)
    at.hosted.throttle(1, wait=3)
    host.put_comment(at.number, MARKER, "text")
    assert len(at.hosted.texts(at.number)) == 1


def test_throttling_for_too_long_is_an_error(at: At) -> None:
    """A job that would wait an hour says so instead."""
    at.hosted.throttle(wait=3600)
    with pytest.raises(GaiaError) as failed:
        at.host().pull_request(at.number)
    assert code(failed) == "host-throttled"
    assert "3,600 s" in failed.value.message
    assert at.waited == []


def test_tries_end(at: At) -> None:
    """Six, and no more."""
    at.hosted.throttle(20, wait=1)
    with pytest.raises(GaiaError) as failed:
        at.host().pull_request(at.number)
    assert code(failed) == "host-failing"
    assert len(at.hosted.site.asked) == 6


def test_a_host_that_is_down_is_one_error_after_some_tries(at: At) -> None:
    """What passes, passes unnoticed but for a line."""
    at.hosted.fail(502, 2)
    assert at.host().pull_request(at.number).number == at.number
    at.hosted.go_down()
    with pytest.raises(GaiaError) as failed:
        at.host().pull_request(at.number)
    assert code(failed) == "host-failing"
    assert "503" in failed.value.message


def test_no_server_at_all(at: At) -> None:
    """Not a traceback of a library's."""
    host = at.host()
    at.hosted.site.close()
    with pytest.raises(GaiaError) as failed:
        host.pull_request(at.number)
    assert code(failed) == "host-failing"


def test_a_wrong_token(at: At) -> None:
    """It says which variable has it, and not what is in it."""
    with pytest.raises(GaiaError) as failed:
        at.host(GITHUB_TOKEN="wrong-one", GITLAB_TOKEN="wrong-one").pull_request(at.number)
    assert code(failed) == "host-unauthenticated"
    assert "wrong-one" not in str(failed.value.as_json())
    assert "_TOKEN" in failed.value.next_step


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (403, "host-forbidden"),
        (404, "host-not-found"),
        (410, "host-not-found"),
        (422, "host-refused"),
        (301, "host-moved"),
    ],
)
def test_each_refusal_is_one_error(at: At, status: int, expected: str) -> None:
    """With what the host says, of which a terminal obeys nothing."""
    at.hosted.site.instead = [_refusal(status)]
    with pytest.raises(GaiaError) as failed:
        at.host().pull_request(at.number)
    assert code(failed) == expected
    assert "\\x1b[31m" in failed.value.message
    assert len(at.hosted.site.asked) == 1


def _refusal(status: int) -> Answer:
    return Answer(status, {"message": "no \x1b[31m way"}, {"Location": "https://elsewhere.example/"})


@pytest.mark.parametrize(
    "body", ["a text", [], {"number": "1", "iid": "1"}, {"state": "open", "title": 7}, None, {"state": "\x1b[2J"}]
)
def test_an_answer_of_another_shape_is_one_error(at: At, body: object) -> None:
    """A proxy that answers for the host, for instance."""
    at.hosted.site.instead = [Answer(200, body)]
    with pytest.raises(GaiaError) as failed:
        at.host().pull_request(at.number)
    assert code(failed) == "host-answer-unreadable"


def test_a_next_page_elsewhere_is_not_asked_for(at: At) -> None:
    """The token would go along."""
    host = at.host()
    host.comments(at.number)
    at.hosted.site.instead = [Answer(200, [], {"Link": '<https://elsewhere.example/2>; rel="next"'})]
    with pytest.raises(GaiaError) as failed:
        host.comments(at.number)
    assert code(failed) == "host-answer-unreadable"


def test_pages_without_an_end_end(at: At) -> None:
    """A host that says for ever that there is more."""
    more = Answer(200, [], {"Link": f'<{at.hosted.site.url}/more>; rel="next"'})
    at.hosted.site.instead = [more] * 200
    with pytest.raises(GaiaError) as failed:
        at.host().comments(at.number)
    assert code(failed) == "host-list-too-long"
    assert len(at.hosted.site.asked) == 100
    at.hosted.site.asked.clear()  # `/more` is no operation of theirs


def test_a_branch_is_where_it_is_now(at: At) -> None:
    """Not where it was when something was asked about it; one with a slash too."""
    assert at.host().tip("main") == at.hosted.repository.tip("main")
    pushed = at.push("more", "some/branch")
    assert at.host().tip("some/branch") == pushed


def test_a_comment_says_when_it_was_written_last(at: At) -> None:
    """By the host's clock: who approved before that has not read it."""
    first = at.host().put_comment(at.number, MARKER, "one")
    again = at.host().put_comment(at.number, MARKER, "two")
    assert first.at == first.changed == again.at < again.changed == at.hosted.repository.now
    assert at.host().put_comment(at.number, MARKER, "two").changed == again.changed
