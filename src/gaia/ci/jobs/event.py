"""What CI says that a job is about: variables and the file of GitHub's event, GitLab's variables."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.files import read_regular
from gaia.kit.shapes import as_map
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

_PULL = re.compile(r"refs/pull/(\d{1,18})/(?:merge|head)")
_QUEUED = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-(\d{1,18})-[0-9a-f]{40,64}")
_NOWHERE = re.compile(r"0*")
"""How hosts write that a branch was not there before."""
_LARGEST = 1 << 24
REMOTE = "refs/remotes/origin/"
"""Where a branch of the host's is here. In full: a tag may be called `origin/main`."""


@dataclass(frozen=True, slots=True)
class Event:
    """As far as CI says it; empty and None where it does not."""

    number: int | None = None
    """Of the pull request."""
    base: str = ""
    """The base branch, or a commit of it, to compare with."""
    before: str = ""
    """Of a push: what the branch was before it."""
    fork: bool = False
    """Whether the head comes from another repository."""
    queued: bool = False
    """Whether it is the commit that a merge queue would merge."""
    branch: str = ""
    """The default branch of the repository."""
    comment: str = ""
    """The id of a comment on the pull request that was written now."""
    repository: str = ""
    """Which one it is about, by its name at the host."""
    called: bool = False
    """Whether a comment or a webhook started it: where that is none that was written now nothing is to be done."""
    run: str = ""
    """The address of what the job prints."""


def event_of(environ: Mapping[str, str]) -> Event:
    """What these variables say; outside of CI at most which repository it is."""
    if environ.get("GITHUB_ACTIONS") == "true":
        repository = as_map(_event_file(environ.get("GITHUB_EVENT_PATH", "")).get("repository"))
        branch = str(repository.get("default_branch") or "")
        named = environ.get("GITHUB_REPOSITORY", "")
        return replace(_github(environ), branch=branch, repository=named, run=_github_run(environ))
    if environ.get("GITLAB_CI") == "true":
        project = environ.get("CI_MERGE_REQUEST_PROJECT_PATH") or environ.get("CI_PROJECT_PATH", "")
        branch, run = environ.get("CI_DEFAULT_BRANCH", ""), environ.get("CI_JOB_URL", "")
        return replace(_gitlab(environ), branch=branch, repository=project, run=run)
    return Event(repository=environ.get("GITHUB_REPOSITORY") or environ.get("CI_PROJECT_PATH", ""))


def _github_run(environ: Mapping[str, str]) -> str:
    """Empty where it is not told whole: hosts refuse an address that is none."""
    server, repository, run = (environ.get(f"GITHUB_{one}", "") for one in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


def _github(environ: Mapping[str, str]) -> Event:
    event = _event_file(environ.get("GITHUB_EVENT_PATH", ""))
    ref, kind = environ.get("GITHUB_REF", ""), environ.get("GITHUB_EVENT_NAME", "")
    if kind == "merge_group":
        found = _QUEUED.fullmatch(ref)
        before = str(as_map(event.get("merge_group")).get("base_sha") or "")
        return Event(int(found[1]) if found else None, before, queued=True)
    if kind in ("pull_request", "pull_request_target", "pull_request_review"):
        pull = as_map(event.get("pull_request"))
        found = _PULL.fullmatch(ref)
        number = int(found[1]) if found else _number(pull.get("number"))
        sides = [as_map(pull.get(side)) for side in ("base", "head")]
        mine, theirs = (as_map(one.get("repo")).get("full_name") for one in sides)
        branch = environ.get("GITHUB_BASE_REF", "")
        return Event(
            number,
            f"{REMOTE}{branch}" if branch else str(sides[0].get("sha") or ""),
            fork=mine is None or mine != theirs,
        )
    issue = as_map(event.get("issue"))
    if kind == "issue_comment" and issue.get("pull_request"):
        written = as_map(event.get("comment")) if event.get("action") == "created" else {}
        return Event(_number(issue.get("number")), comment=str(written.get("id") or ""), called=True)
    before = str(event.get("before") or "")
    return Event(before="" if _NOWHERE.fullmatch(before) else before)


def _gitlab(environ: Mapping[str, str]) -> Event:
    number = _number(environ.get("CI_MERGE_REQUEST_IID", ""))
    if number is not None:
        mine, theirs = (environ.get(f"CI_MERGE_REQUEST_{side}PROJECT_PATH") for side in ("", "SOURCE_"))
        branch = environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
        train = environ.get("CI_MERGE_REQUEST_EVENT_TYPE") == "merge_train"
        return Event(number, f"{REMOTE}{branch}" if branch else "", fork=mine is None or mine != theirs, queued=train)
    if environ.get("CI_PIPELINE_SOURCE") == "trigger":
        return _triggered(_event_file(environ.get("TRIGGER_PAYLOAD", "")))
    before = environ.get("CI_COMMIT_BEFORE_SHA", "")
    return Event(before="" if _NOWHERE.fullmatch(before) else before)


def _triggered(event: Mapping[str, object]) -> Event:
    """GitLab starts no pipeline for a comment, but a webhook may: its pipeline has what the webhook sent."""
    written = as_map(event.get("object_attributes"))
    if event.get("object_kind") != "note" or written.get("noteable_type") != "MergeRequest":
        return Event(called=True)
    comment = str(written.get("id") or "") if written.get("action", "create") == "create" else ""
    return Event(_number(as_map(event.get("merge_request")).get("iid")), comment=comment, called=True)


def _event_file(path: str) -> dict[str, object]:
    """Nothing, where CI names none.

    Raises:
        Invalid: `event-unreadable`.
    """
    try:
        return as_map(json.loads(read_regular(Path(path), _LARGEST))) if path else {}
    except (OSError, ValueError, RecursionError) as error:
        raise Invalid(
            "event-unreadable",
            f"the file with what happened, {visible(path[:200])}, cannot be read",
            next_step="Run the job again; without that file nobody knows what it is about.",
        ) from error


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
