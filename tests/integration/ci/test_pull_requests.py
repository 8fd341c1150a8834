"""Pull requests at a host, planned, approved, merged and applied by jobs that know nothing of each other."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.hosts.hosted import Hosted
from tests.integration.ci.jobs import ALL, NOTE, RULE, Jobs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.cloud, pytest.mark.long(1)]


@pytest.fixture(name="jobs")
def at_a_host(tmp_path: Path) -> Iterator[Jobs]:
    """Three instances, of which one reads another; `ann` owns everything, `bob` may push."""
    with Hosted(tmp_path) as host:
        for name in ("ann", "bob"):
            host.person(name)
        jobs = Jobs(host, tmp_path)
        jobs.begin()
        yield jobs


def test_what_was_reviewed_is_applied_once_its_owner_said_yes(jobs: Jobs) -> None:
    """Planned with a comment, approved, merged, and applied by a runner that has never seen it; then there is nothing
    to do."""
    jobs.change(net="network", web="pages")
    number = jobs.host.open_pull_request("change")
    planned = jobs.plan(number)
    assert planned.code == 0, planned.said
    assert [one["instance"] for one in planned.document["instances"]] == ["dev/net", "dev/web"]
    [comment] = jobs.host.texts(number)
    assert "2 to create in 2 instances" in comment
    assert "dev/net needs @ann" in comment.replace("\\", "")
    assert "an approving review" in comment
    jobs.review(number, "ann")
    jobs.plan(number)
    [comment] = jobs.host.texts(number)
    assert "once it is merged it is applied" in comment
    jobs.host.merge(number)
    applied = jobs.apply()
    assert (applied.code, applied.document.get("result")) == (0, "applied"), applied.said
    assert jobs.state("net")["input"]["value"] == "network"
    again = jobs.apply()
    assert (again.code, again.document["result"]) == (0, "unchanged"), again.said
    assert "nothing left" in jobs.host.texts(number)[1]


def test_without_the_owners_yes_nothing_is_applied_or_run(jobs: Jobs, tmp_path: Path) -> None:
    """A yes of somebody else, one that was dismissed, and one from before the plan are none; nor is one for a branch
    with other owners."""
    ran = tmp_path / "ran"
    jobs.change(net=f"!exec touch {ran}; echo network")
    number = jobs.host.open_pull_request("change")
    jobs.host.review(number, "ann")
    jobs.plan(number)
    jobs.review(number, "bob")
    merged = jobs.host.merge(number)
    ran.unlink()
    done = jobs.apply(merged)
    assert (done.code, done.document["result"]) == (1, "unapproved"), done.said
    assert any("dev/net needs @ann" in one for one in done.document["reasons"])
    jobs.review(number, "ann")
    jobs.host.dismiss(number, "ann")
    assert jobs.apply(merged).document["result"] == "unapproved"
    assert "branch-other" in jobs.run("apply", "--branch", "release", pull=None, event="push", commit=merged).said
    assert jobs.state("net") == {}
    assert not ran.exists()


def test_a_second_merge_in_between_stops_what_was_reviewed_before_it(jobs: Jobs) -> None:
    """Of the same instance; what differs is said by its cause, and of another instance it stops nothing."""
    jobs.change("first", net="one")
    first = jobs.host.open_pull_request("first")
    jobs.change("second", web="two")
    second = jobs.host.open_pull_request("second")
    for number in (first, second):
        assert jobs.plan(number).code == 0
        jobs.review(number, "ann")
    assert jobs.apply(jobs.host.merge(first)).code == 0
    done = jobs.apply(jobs.host.merge(second))
    assert (done.code, done.document["result"]) == (0, "applied"), done.said
    jobs.change("third", net="three")
    third = jobs.host.open_pull_request("third")
    assert jobs.plan(third).code == 0
    jobs.review(third, "ann")
    jobs.commit(None, **{"components/terraform/note/main.tf": NOTE + "locals { more = 1 }\n"})
    done = jobs.apply(jobs.host.merge(third))
    assert (done.code, done.document["result"]) == (1, "different"), done.said
    assert any("base branch" in one for one in done.document["reasons"]), done.document
    assert jobs.state("net")["input"]["value"] == "one"


def test_an_old_job_does_not_undo_what_was_merged_and_applied_later(jobs: Jobs) -> None:
    """It is run again after another one put back what it had changed: that stays."""
    commits = []
    for text in ("one", "two", "one"):
        jobs.change(net=text)
        number = jobs.host.open_pull_request("change")
        assert jobs.plan(number).code == 0
        jobs.review(number, "ann")
        commits.append(jobs.host.merge(number))
        done = jobs.apply(commits[-1])
        assert (done.code, done.document["result"]) == (0, "applied"), done.said
    done = jobs.run("apply", "--base", f"{commits[1]}^1", pull=None, event="push", commit=commits[1])
    assert (done.code, done.document["result"]) == (1, "different"), done.said
    assert any("merged later" in one for one in done.document["reasons"]), done.document
    assert jobs.state("net")["input"]["value"] == "one"


def test_what_is_not_one_reviewed_pull_request_is_not_applied(jobs: Jobs, tmp_path: Path) -> None:
    """A push without one; and two that came in one push, as a queue may merge them, of which one was approved."""
    pushed = jobs.apply(jobs.change(None, web="mine"))
    assert "pull-request-unknown" in pushed.said
    numbers = {}
    for name, parts in (("one", {"web": "pages"}), ("two", {"net": "network"})):
        jobs.change(name, **parts)
        numbers[name] = jobs.host.open_pull_request(name)
        assert jobs.plan(numbers[name]).code == 0
    jobs.review(numbers["two"], "ann")
    before = jobs.host.repository.tip("main")
    jobs.host.merge(numbers["one"])
    last = jobs.host.merge(numbers["two"])
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": before, "repository": {"default_branch": "main"}}))
    done = jobs.apply(last, GITHUB_EVENT_PATH=str(event))
    assert (done.code, done.document["result"]) == (1, "different"), done.said
    assert "dev/web: nobody has reviewed it" in done.document["reasons"]
    assert jobs.state("web") == jobs.state("net") == {}


def test_rules_are_those_of_the_base(jobs: Jobs) -> None:
    """A pull request that takes the rule away which denies it is denied; one that names other owners asks the old."""
    jobs.commit(None, **{"policies/plan/words.rego": RULE.format(word="evil")})
    jobs.commit("change", **{
        "policies/plan/words.rego": RULE.format(word="other"), "CODEOWNERS": "* @mallory\n",
        **jobs.parts(net="evil"),
    })  # fmt: skip
    number = jobs.host.open_pull_request("change")
    planned = jobs.plan(number)
    assert (planned.code, planned.document.get("denied")) == (1, True), planned.said
    [comment] = jobs.host.texts(number)
    assert "the word is forbidden" in comment
    assert "needs @ann" in comment.replace("\\", "")


def test_what_is_missing_foreign_or_down_stops_it_and_says_so(jobs: Jobs) -> None:
    """No owners, another key, nothing kept, a host that is down, a comment that somebody wrote over."""
    jobs.commit(None, CODEOWNERS="")
    jobs.change(net="network")
    jobs.commit("change", **{"stacks/catalog/web.yaml": "", "stacks/dev.yaml": ALL.format(states=jobs.states).replace(
        ", catalog/web", "")})  # fmt: skip
    number = jobs.host.open_pull_request("change")
    assert jobs.plan(number).code == 0
    [comment] = jobs.host.texts(number)
    assert "neither CODEOWNERS nor settings" in comment.replace("\\", "")
    assert "`dev/web` is on the base branch only" in comment
    [said] = jobs.host.pull(number).said
    jobs.host.edit_comment(str(said.id), "<!-- gaia gaia:preview -->\nall is approved")
    jobs.review(number, "ann")
    merged = jobs.host.merge(number)
    done = jobs.apply(merged)
    assert (done.code, done.document["result"]) == (1, "unapproved"), done.said
    done = jobs.apply(merged, GAIA_KEY="fedcba9876543210" * 4)
    assert "sealed-by-another-key" in done.said
    jobs.host.go_down()
    assert jobs.apply(merged).code == 8
    jobs.host.go_down(down=False)
    shutil.rmtree(jobs.folder / "kept")
    assert "preview-missing" in jobs.apply(merged).said
    assert jobs.state("net") == {}


def test_two_hundred_instances_are_one_plan_one_comment_and_few_calls(jobs: Jobs) -> None:
    """What is replaced stands in it by name, and what has no room is counted."""
    many = "".join(
        f"    i{number}: {{metadata: {{component: note}}, vars: {{text: i{number}}}}}\n" for number in range(200)
    )
    text = f"components:\n  terraform:\n{many}"
    jobs.commit("change", **{
        "stacks/catalog/many.yaml": text,
        "stacks/dev.yaml": ALL.format(states=jobs.states).replace("catalog/web]", "catalog/web, catalog/many]"),
    })  # fmt: skip
    number = jobs.host.open_pull_request("change")
    before = len(jobs.host.site.asked)
    planned = jobs.plan(number)
    assert planned.code == 0, planned.said
    assert len(jobs.host.site.asked) - before <= 12
    [comment] = jobs.host.texts(number)
    assert "200 to create in 200 instances" in comment
    assert len(comment) < 65_536
    assert comment.count("| `dev/i") == 200
    assert "200 instances need @ann" in comment.replace("\\", "")
