"""What happens between a review and its application: pushes, forks, queues, other pull requests, a dead runner."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from tests.hosts.hosted import Hosted
from tests.hosts.state import git
from tests.integration.ci.jobs import KEY, RULE, Jobs

from gaia.ci.storage.kept import Kept
from gaia.ci.storage.store import FolderStore
from gaia.kit.keys import given_key
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hosts.hosted import Kind

pytestmark = [pytest.mark.cloud, pytest.mark.long(2)]


@pytest.fixture(name="kind")
def a_host() -> Kind:
    """GitHub, where a test does not say otherwise."""
    return "github"


@pytest.fixture(name="jobs")
def at_a_host(tmp_path: Path, kind: Kind) -> Iterator[Jobs]:
    """Three instances, of which one reads another; `ann` owns everything, `bob` may push."""
    with Hosted(tmp_path, kind) as host:
        for name in ("ann", "bob"):
            host.person(name)
        jobs = Jobs(host, tmp_path)
        jobs.begin()
        yield jobs


def opened(jobs: Jobs, more: str = "", **texts: str) -> int:
    """A pull request with other texts, planned and approved."""
    jobs.change(more=more, **texts)
    number = jobs.host.open_pull_request("change")
    planned = jobs.plan(number)
    assert planned.code == 0, planned.said
    jobs.review(number, "ann")
    return number


def test_nothing_of_a_fork_is_run_before_an_owner_allows_that_commit(jobs: Jobs, tmp_path: Path) -> None:
    """Its `!exec` has not run; a permission of somebody else, of another commit, or one that was edited is none."""
    ran = tmp_path / "ran"
    clone = jobs.host.clone("mallory")
    git(clone, "checkout", "-q", "-b", "change")
    for name, text in jobs.parts(web=f"!exec touch {ran}; echo pages").items():
        (clone / name).write_text(text)
    git(clone, "commit", "-qam", "mine")
    git(clone, "push", "-q", "origin", "change")
    head = git(clone, "rev-parse", "HEAD")
    number = jobs.host.open_pull_request("change", fork="mallory")
    jobs.host.comment(number, "mallory", f"/gaia allow {head}")
    jobs.host.comment(number, "bob", f"/gaia allow {head}")
    jobs.host.comment(number, "ann", f"/gaia allow {'0' * 40}")
    comment = jobs.host.comment(number, "ann", "no")
    jobs.host.edit_comment(comment, f"/gaia allow {head}")
    assert jobs.plan(number).code == 5
    done = jobs.run("plan", pull=number, event="issue_comment", fork="mallory", commit=head)
    assert done.code == 5
    assert "fork-not-allowed" in done.said
    assert not ran.exists()
    jobs.host.comment(number, "ann", f"/gaia allow {head}")
    done = jobs.run("plan", pull=number, event="issue_comment", fork="mallory", commit=head)
    assert ran.exists(), done.said
    assert done.code == 0, done.said


def test_what_another_version_of_gaia_kept_is_planned_and_approved_anew(jobs: Jobs, tmp_path: Path) -> None:
    """It was reviewed by what it said then: the yes is none of the plan that there is now, and nothing is stuck."""
    number = opened(jobs, web="pages")
    kept = Kept(FolderStore(tmp_path / "kept"), given_key(KEY))
    [name] = kept.store.names("previews/")
    kept.put(name, {**as_map(kept.get(name)), "version": 0})
    planned = jobs.plan(number)
    assert planned.code == 0, planned.said
    jobs.review(number, "ann")
    jobs.host.merge(number)
    assert jobs.apply().document["result"] == "applied"


def test_whitespace_and_a_rebase_keep_a_yes_and_another_text_or_policy_voids_it(jobs: Jobs) -> None:
    """By content: later commits inherit it where nothing that counts differs, and what differs is named."""
    number = opened(jobs, web="pages")
    files = {name: f"# a comment\n{text}\n" for name, text in jobs.parts(web="pages").items()}
    jobs.commit("change", **files)
    again = jobs.plan(number)
    assert again.code == 0, again.said
    assert "needs" not in jobs.host.texts(number)[0]
    jobs.commit(None, **{"policies/plan/words.rego": RULE.format(word="evil")})
    jobs.plan(number)
    assert "policies, waivers or budgets" in jobs.host.texts(number)[0]
    jobs.review(number, "ann")
    jobs.change(web="sheets")
    jobs.commit("change", **{"scripts/boot.sh": "true\n"})
    jobs.plan(number)
    assert "configuration on the pull request" in jobs.host.texts(number)[0].replace("\\", "")
    assert "a file that the pull request touches" in jobs.host.texts(number)[0]
    done = jobs.apply(jobs.host.merge(number, "squash"))
    assert (done.code, done.document["result"]) == (1, "unapproved"), done.said
    jobs.review(number, "ann")
    done = jobs.apply()
    assert (done.code, done.document["result"]) == (0, "applied"), done.said


def test_one_pull_request_at_a_time_has_an_instance(jobs: Jobs) -> None:
    """The second is told whose it is, and has it once the first is closed."""
    first = opened(jobs, net="one")
    jobs.change("other", net="two")
    second = jobs.host.open_pull_request("other")
    assert jobs.plan(second).code == 1
    assert f"belongs to pull request {first}" in jobs.host.texts(second)[0]
    jobs.host.close(first)
    assert jobs.plan(second).code == 0


def test_a_merge_queue_is_green_only_for_what_was_approved(jobs: Jobs) -> None:
    """The commit that it would merge is planned; what was merged before it may make that another."""
    number = opened(jobs, net="one")
    green = jobs.run("plan", pull=number, event="merge_group")
    assert green.code == 0, green.said
    jobs.commit(None, **{"policies/plan/words.rego": RULE.format(word="evil")})
    red = jobs.run("plan", pull=number, event="merge_group")
    assert red.code == 1
    assert any("policies" in one for one in red.document["against"])
    assert len(jobs.host.texts(number)) == 1


@pytest.mark.parametrize("kind", ["gitlab"])
def test_on_gitlab_too(jobs: Jobs, kind: Kind) -> None:
    """Planned, approved, merged, applied: an instance and what reads it, whose value nobody knew."""
    del kind
    number = opened(jobs, 'command: "true"', net="network", app="!terraform.state net id")
    assert "is applied after" in jobs.host.texts(number)[0]
    done = jobs.apply(jobs.host.merge(number))
    assert (done.code, done.document["result"]) == (0, "applied"), done.said
    assert jobs.state("app")["input"]["value"] == jobs.state("net")["id"]


def test_a_job_goes_on_with_what_a_runner_began_that_died(jobs: Jobs, tmp_path: Path) -> None:
    """It finds the journal, and finishes that: there is no second one."""
    running = tmp_path / "running"
    jobs.change(net="network", web="pages", more=f'command: "echo on >>{running}; sleep 8"')
    number = jobs.host.open_pull_request("change")
    assert jobs.plan(number).code == 0
    jobs.review(number, "ann")
    merged = jobs.host.merge(number)
    died = jobs.apply(merged, dies=running.exists)
    assert died.code == -signal.SIGKILL, died.said
    done = jobs.apply(merged)
    assert (done.code, done.document.get("result")) == (0, "applied"), done.said
    kept = FolderStore(tmp_path / "kept")  # what the killed runner was just writing is no entry
    assert kept.names("journals/") == ("journals/dev/net/1", "journals/dev/web/1")
    assert jobs.state("net")["input"]["value"] == "network"
    assert jobs.apply(merged).document["result"] == "unchanged"


@pytest.mark.parametrize("kind", ["gitlab"])
def test_the_account_of_gaias_own_token_approves_nothing(jobs: Jobs, kind: Kind) -> None:
    """Owner as it is: what a plan runs may speak in its name."""
    del kind
    jobs.commit(None, CODEOWNERS=f"* @ann @{jobs.host.bot}\n")
    jobs.change(web="pages")
    number = jobs.host.open_pull_request("change")
    assert jobs.plan(number).code == 0
    jobs.review(number, jobs.host.bot)
    done = jobs.apply(jobs.host.merge(number))
    assert (done.code, done.document["result"]) == (1, "unapproved"), done.said


def test_what_came_with_it_is_not_what_was_before_it(jobs: Jobs) -> None:
    """Its first commit names other owners and its last one takes that back: whatever a job calls its base."""
    first = jobs.commit("change", CODEOWNERS="* @bob\n")
    jobs.commit("change", CODEOWNERS="* @ann\n# as it was\n", **jobs.parts(web="pages"))
    number = jobs.host.open_pull_request("change", author="dana")
    assert jobs.plan(number).code == 0
    jobs.review(number, "bob")
    merged = jobs.host.merge(number)
    assert jobs.apply(merged).document["result"] == "unapproved"
    done = jobs.run("apply", "--base", first, pull=None, event="push", commit=merged)
    assert done.code == 6
    assert "base-of-its-own" in done.said
    assert jobs.state("web") == {}


def test_a_tag_that_is_called_like_the_branch_is_not_the_branch(jobs: Jobs) -> None:
    """Its owners and rules are those of nobody."""
    jobs.change(web="pages")
    number = jobs.host.open_pull_request("change", author="dana")
    clone = jobs.host.clone()
    (clone / "CODEOWNERS").write_text("* @bob\n")
    git(clone, "commit", "-qam", "mine")
    git(clone, "tag", "origin/main")
    git(clone, "push", "-q", "origin", "refs/tags/origin/main")
    planned = jobs.plan(number)
    assert planned.code == 0, planned.said
    assert "needs @ann" in jobs.host.texts(number)[0].replace("\\", "")
