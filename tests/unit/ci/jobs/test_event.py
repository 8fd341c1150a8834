"""What CI's variables say that a job is about."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from gaia.ci.jobs.event import Event, event_of
from gaia.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path


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


def test_each_host_says_where_the_job_prints(tmp_path: Path) -> None:
    """A status leads there; what is told by half leads nowhere."""
    said = {"GITHUB_SERVER_URL": "https://ghe.example", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "12"}
    assert github(tmp_path, {}, **said).run == "https://ghe.example/a/b/actions/runs/12"
    assert github(tmp_path, {}, **{**said, "GITHUB_RUN_ID": ""}).run == ""
    assert (
        event_of({"GITLAB_CI": "true", "CI_JOB_URL": "https://gitlab.example/j/1"}).run == "https://gitlab.example/j/1"
    )
