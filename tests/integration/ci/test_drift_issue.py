"""`gaia ci drift` in a job: one issue, which says what has drifted and is closed when all is well."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.hosts.hosted import Hosted
from tests.integration.ci.jobs import Jobs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.hosted import Kind

pytestmark = [pytest.mark.cloud, pytest.mark.long(1)]


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_one_issue_follows_the_drift(tmp_path: Path, kind: Kind) -> None:
    """Opened for what was never applied, brought up to date when a part was, closed when all is as the stacks say."""
    with Hosted(tmp_path, kind) as host:
        jobs = Jobs(host, tmp_path)
        jobs.begin()
        found = jobs.run("drift", "--detailed-exitcode", pull=None, event="schedule")
        assert found.code == 2, found.said
        [issue] = host.repository.issues.values()
        assert issue.title == "Drift: 3 instances"
        assert found.document["issue"].endswith(str(issue.number))
        assert issue.text.startswith("<!-- gaia gaia:drift -->\nOf 3 instances, 3 are not as the stacks say.")
        for number, names in enumerate((("net",), ("app", "web"))):
            apply(jobs, *names)
            done = jobs.run("drift", pull=None, event="schedule")
            assert done.code == 0, done.said
            assert (issue.closed, len(host.repository.issues)) == (bool(number), 1)
            assert done.document["issue"] is None if number else issue.title == "Drift: 2 instances"


def test_a_host_that_is_down_is_told_and_nothing_else_is_lost(tmp_path: Path) -> None:
    """The job ends with one error."""
    with Hosted(tmp_path) as host:
        jobs = Jobs(host, tmp_path)
        jobs.begin()
        done = jobs.run("drift", pull=None, event="schedule", GITHUB_TOKEN="wrong")
        assert done.code == 4, done.said
        assert "host-unauthenticated" in done.said
        assert "Traceback" not in done.said


def apply(jobs: Jobs, *names: str) -> None:
    """As somebody at a checkout does."""
    import os

    clone = jobs.host.clone()
    env = os.environ | {"GAIA_HOME": str(jobs.folder / "home"), "GAIA_CACHE_DIR": str(jobs.folder / "cache")}
    words = ("apply", "--all", "-s", "dev", "--components", ",".join(names), "--yes")
    done = subprocess.run(
        [sys.executable, "-m", "gaia", *words], cwd=clone, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
