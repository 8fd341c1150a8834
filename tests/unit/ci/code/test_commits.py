"""The commits of a pull request, by git alone; and what CI's variables say of one."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.hosts.state import git

from gaia.ci.code.commits import BEFORE, files_between, merged_tree, sides_of, stands_for, text_at
from gaia.ci.jobs.event import Event, event_of
from gaia.errors import Conflict, Invalid, NotFound
from gaia.graph.base import DEFAULT

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {"PATH": os.environ["PATH"]}


@pytest.fixture(name="clone")
def with_a_branch(tmp_path: Path) -> Path:
    """`main` is two commits beyond where `change`, which is checked out, began."""
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for name in ("one", "two"):
        _commit(folder, name)
    git(folder, "checkout", "-q", "-b", "change")
    _commit(folder, "mine")
    git(folder, "checkout", "-q", "main")
    for name in ("three", "four"):
        _commit(folder, name)
    git(folder, "checkout", "-q", "change")
    return folder


def _commit(folder: Path, name: str) -> None:
    (folder / name).write_text(name)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", name)


def test_rules_come_from_where_the_base_is_and_the_change_from_where_the_branch_began(clone: Path) -> None:
    """Two commits of the same branch."""
    sides = sides_of(clone, "main", "HEAD", ENVIRON)
    assert sides.base == git(clone, "rev-parse", "main")
    assert sides.fork_point == git(clone, "rev-parse", "main~2")
    assert files_between(clone, sides, ENVIRON) == ("mine",)
    assert text_at(clone, sides.base, ("none", "four"), ENVIRON) == ("four", "four")
    assert text_at(clone, sides.fork_point, ("four",), ENVIRON) == ("", "")
    assert stands_for(clone, sides, sides.head, ENVIRON)
    assert not stands_for(clone, sides, sides.fork_point, ENVIRON)


def test_of_a_merge_commit_the_change_is_what_differs_from_the_base(clone: Path) -> None:
    """As hosts check it out."""
    git(clone, "merge", "-q", "--no-edit", "main")
    sides = sides_of(clone, "main", "HEAD", ENVIRON)
    assert sides.base == sides.fork_point
    assert files_between(clone, sides, ENVIRON) == ("mine",)
    assert stands_for(clone, sides, git(clone, "rev-parse", "HEAD^1"), ENVIRON)
    _commit(clone, "one more on top")
    later = sides_of(clone, "main", "HEAD", ENVIRON)
    assert not stands_for(clone, later, git(clone, "rev-parse", "HEAD^1"), ENVIRON)


def test_a_merge_with_anything_but_the_base_stands_for_nothing(clone: Path) -> None:
    """Else what was allowed could bring along what was not."""
    head = git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-q", "-b", "other", "main~1")
    _commit(clone, "elsewhere")
    git(clone, "merge", "-q", "--no-edit", head)
    assert not stands_for(clone, sides_of(clone, "main", "HEAD", ENVIRON), head, ENVIRON)


def test_a_merge_that_somebody_made_by_hand_stands_for_nothing(clone: Path) -> None:
    """Its parents are right, and its files are not those that git makes of them."""
    head = git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-q", "-b", "evil", "main")
    git(clone, "merge", "-q", "--no-edit", head)
    assert stands_for(clone, sides_of(clone, "main", "HEAD", ENVIRON), head, ENVIRON)
    (clone / "evil").write_text("more")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "--amend", "--no-edit")
    assert len(git(clone, "rev-list", "--parents", "-n1", "HEAD").split()) == 3
    assert not stands_for(clone, sides_of(clone, "main", "HEAD", ENVIRON), head, ENVIRON)


def test_only_a_commit_that_lies_here_whole_is_planned(clone: Path, tmp_path: Path) -> None:
    """Nothing that is not committed, but for what runs leave; no other commit; no commit that git does not know."""
    (clone / "x.tfstate").write_text("{}")
    (clone / ".terraform.lock.hcl").write_text("")
    (clone / "out").mkdir()
    (clone / "out/comment.md").write_text("")
    assert sides_of(clone, "main", "change", ENVIRON, written=clone / "out")
    for name, text in (("new", ""), ("one", "changed")):
        (clone / name).write_text(text)
        with pytest.raises(Conflict) as caught:
            sides_of(clone, "main", "HEAD", ENVIRON, written=clone / "out")
        assert (caught.value.code, caught.value.facts) == ("files-uncommitted", {"files": [name]})
        (clone / name).write_text("one") if name == "one" else (clone / name).unlink()
    for base, head, code in (("main", "main", "head-elsewhere"), ("nope", "HEAD", "ref-unknown")):
        with pytest.raises((Conflict, NotFound)) as found:
            sides_of(clone, base, head, ENVIRON, written=clone / "out")
        assert found.value.code == code
    with pytest.raises(NotFound, match="not in a git"):
        sides_of(tmp_path, "main", "HEAD", ENVIRON)


def test_histories_that_do_not_meet_are_told(clone: Path) -> None:
    """A shallow clone, mostly."""
    git(clone, "checkout", "-q", "--orphan", "alone")
    git(clone, "commit", "-qm", "alone")
    with pytest.raises(Conflict) as caught:
        sides_of(clone, "main", "HEAD", ENVIRON)
    assert caught.value.code == "histories-apart"


@pytest.mark.parametrize(("base", "step"), [(DEFAULT, "--base"), (BEFORE, "fetch-depth"), ("alone^1", "git log")])
def test_a_base_that_nobody_named_is_not_called_by_gits_name_for_it(clone: Path, base: str, step: str) -> None:
    """Of a clone that does not know it the message says what is missing, and how to get it."""
    git(clone, "checkout", "-q", "--orphan", "alone")
    git(clone, "commit", "-qm", "alone")
    with pytest.raises(NotFound) as caught:
        sides_of(clone, base, "HEAD", ENVIRON)
    assert caught.value.code == "ref-unknown"
    assert step in (caught.value.next_step or "")
    assert "refs/" not in caught.value.message
    assert "HEAD" not in caught.value.message


def github(tmp_path: Path, event: object, **environ: str) -> Event:
    """What a job of GitHub's says."""
    path = tmp_path / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event))
    return event_of({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path), **environ})


def sided(base: str | None, head: str | None) -> dict[str, object]:
    """The part of an event that names both repositories."""
    return {
        "pull_request": {
            "number": 7,
            "base": {"sha": "b" * 40, "repo": base and {"full_name": base}},
            "head": {"repo": head and {"full_name": head}},
        }
    }


def test_what_githubs_variables_say(tmp_path: Path) -> None:
    """Of a pull request, of one from a fork or from one that is gone, of a comment on one, of a queue, of a push."""
    pull = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_BASE_REF": "main"}
    assert github(tmp_path, sided("a/b", "a/b"), **pull) == Event(7, "refs/remotes/origin/main")
    assert github(tmp_path, sided("a/b", "c/b"), **pull).fork
    assert github(tmp_path, sided("a/b", None), **pull).fork
    assert github(tmp_path, sided("a/b", "a/b"), GITHUB_EVENT_NAME="pull_request_target") == Event(7, "b" * 40)
    ref = f"refs/heads/gh-readonly-queue/main/pr-12-{'a' * 40}"
    queue = {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": ref}
    assert github(tmp_path, {"merge_group": {"base_sha": "c"}}, **queue) == Event(12, "c", queued=True)
    assert github(tmp_path, {"before": "d" * 40}, GITHUB_EVENT_NAME="push") == Event(before="d" * 40)
    default = {"repository": {"default_branch": "trunk"}}
    assert github(tmp_path, default, GITHUB_EVENT_NAME="push") == Event(branch="trunk")
    assert github(tmp_path, {"before": "0" * 40}, GITHUB_EVENT_NAME="push") == Event()
    said = {"issue": {"number": 7, "pull_request": {"url": "x"}}}
    assert github(tmp_path, said, GITHUB_EVENT_NAME="issue_comment") == Event(7, called=True)
    assert github(tmp_path, {"issue": {"number": 7}}, GITHUB_EVENT_NAME="issue_comment") == Event()
    written = {**said, "comment": {"id": 12, "body": "/gaia apply"}}
    for action, comment in (("created", "12"), ("edited", ""), ("deleted", "")):
        event = {**written, "action": action}
        assert github(tmp_path, event, GITHUB_EVENT_NAME="issue_comment") == Event(7, comment=comment, called=True)
    assert event_of({}) == Event()
    assert event_of({"GITHUB_REPOSITORY": "a/b"}) == Event(repository="a/b")


def test_an_event_that_cannot_be_read_is_none_that_says_nothing(tmp_path: Path) -> None:
    """What a branch was before, say, would be guessed. A pipe is no file either; no file at all is fine."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bad").write_text("not json")
    (tmp_path / "deep").write_text("[" * 200_000)
    (tmp_path / "large").write_bytes(b'{"before": "' + b"d" * (1 << 24) + b'"}')
    named = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"}
    for name in ("pipe", "bad", "deep", "large", "none"):
        for environ in (
            {**named, "GITHUB_EVENT_PATH": str(tmp_path / name)},
            {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "trigger", "TRIGGER_PAYLOAD": str(tmp_path / name)},
        ):
            with pytest.raises(Invalid) as caught:
                event_of(environ)
            assert caught.value.code == "event-unreadable"
    assert event_of(named) == Event()


def test_what_gitlabs_variables_say(tmp_path: Path) -> None:
    """Of a merge request, of one from a fork, of a train, of a push; of a comment what a webhook sends."""
    mine = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "3", "CI_MERGE_REQUEST_PROJECT_PATH": "a/b"}
    mine |= {"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "a/b", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
    assert event_of(mine) == Event(3, "refs/remotes/origin/main", repository="a/b")
    assert event_of({**mine, "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "c/b"}).fork
    assert event_of({**mine, "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"}).queued
    pushed = {"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": "a" * 40, "CI_DEFAULT_BRANCH": "trunk"}
    assert event_of(pushed) == Event(before="a" * 40, branch="trunk")
    path = tmp_path / "payload"
    called = {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "trigger", "TRIGGER_PAYLOAD": str(path)}
    note = {"id": 9, "noteable_type": "MergeRequest", "action": "create"}
    for kind, about, event in (
        ("note", note, Event(3, comment="9", called=True)),
        ("note", {**note, "action": "update"}, Event(3, called=True)),
        ("note", {**note, "noteable_type": "Issue"}, Event(called=True)),
        ("push", note, Event(called=True)),
    ):
        sent = {"object_kind": kind, "object_attributes": about, "merge_request": {"iid": 3}}
        path.write_text(json.dumps(sent))
        assert event_of(called) == event


def test_what_a_merge_would_give_lies_in_a_tree_of_its_own(clone: Path) -> None:
    """As a commit that stands for the head; the clone stays as it was, and of a conflict nothing is left."""
    main, head = git(clone, "rev-parse", "main"), git(clone, "rev-parse", "HEAD")
    (clone / "deeper").mkdir()
    (clone / "deeper/one").write_text("new")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "deeper")
    with merged_tree(clone / "deeper", main, git(clone, "rev-parse", "HEAD"), ENVIRON) as folder:
        sides = sides_of(folder, main, "HEAD", ENVIRON)
        assert (sides.base, sides.fork_point) == (main, main)
        assert stands_for(folder, sides, git(clone, "rev-parse", "HEAD"), ENVIRON)
        assert sorted(one.name for one in folder.parent.iterdir() if one.is_file()) == [
            ".git", "four", "mine", "one", "three", "two",
        ]  # fmt: skip
    assert not folder.exists()
    assert len(git(clone, "worktree", "list").splitlines()) == 1
    (clone / "four").write_text("mine")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "four")
    for other, code in ((git(clone, "rev-parse", "HEAD"), "merge-conflict"), ("0" * 39 + "1", "head-unknown")):
        with pytest.raises(Conflict) as caught, merged_tree(clone, main, other, ENVIRON):
            pass
        assert caught.value.code == code
    assert git(clone, "merge-base", "HEAD", head) == head
