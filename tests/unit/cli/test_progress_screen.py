"""The live picture of a run, and its log."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.unit.cli.rendered import text

from gaia.cli.screens.progress import Progress, log_line
from gaia.platform.model import RunView
from gaia.testing import views

NOW = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
KEY = "acme-use1-dev/photos-key"


def event(kind: str, second: int, address: str = "aws_kms_key.this", action: str = "create") -> dict[str, object]:
    """A log line about a resource."""
    return {
        "at": f"2026-11-23T23:09:{second:02}.000Z", "level": "info", "step": "apply", "message": "", "instance": KEY,
        "event": {"kind": kind, "address": address, "action": action},
    }  # fmt: skip


def applying() -> Progress:
    """The example request while it is applied."""
    run = RunView("run_2", "apply", "running", "2026-11-23T23:09:00.000Z", None, steps=(("apply", "running"),))
    return Progress(replace(views.waiting(), status="applying", runs=(run,)), datetime(2026, 11, 23, 23, 9, tzinfo=UTC))


def test_the_live_picture_shows_instances_and_what_is_being_made() -> None:
    """With elapsed times; what is done is counted, what has not begun waits."""
    progress = applying()
    for line in (event("start", 1), event("complete", 5), event("start", 6, "aws_kms_alias.this")):
        progress.feed(line)
    screen = text([progress.screen(NOW)])
    assert "Applying photos  in acme-use1-dev   1m 00s" in screen
    assert "● photos-key" in screen
    assert "1 of 2 resources" in screen
    assert "aws_kms_alias.this" in screen
    assert "54s" in screen
    assert "○ photos-bucket" in screen
    assert "waiting" in screen


def test_an_instance_is_done_when_all_its_resources_are() -> None:
    """Its time stands still."""
    progress = applying()
    for address in ("aws_kms_key.this", "aws_kms_alias.this"):
        progress.feed(event("start", 1, address))
        progress.feed(event("complete", 9, address))
    screen = text([progress.screen(NOW + timedelta(hours=1))])
    assert "✓ photos-key" in screen
    assert "8s" in screen


def test_an_instance_whose_turn_it_is_plans() -> None:
    """Before terraform has begun with its first resource."""
    progress = applying()
    run = replace(progress.view.runs[-1], steps=((f"apply {KEY}", "running"),))
    progress.view = replace(progress.view, runs=(run,))
    assert re.search(r"● photos-key +0 of 2 resources +planning", text([progress.screen(NOW)]))


def test_a_resource_that_failed_marks_its_instance() -> None:
    """And is told."""
    progress = applying()
    progress.feed(event("start", 1))
    assert progress.feed(event("failed", 4)) == ["23:09:04  photos-key: aws_kms_key.this failed after 3s"]
    assert "✗ photos-key" in text([progress.screen(NOW)])


def test_lines_of_an_earlier_run_are_passed_over() -> None:
    """The preview's, while the application goes on; reads and empty lines too."""
    progress = applying()
    old = {**event("start", 1), "at": "2026-11-23T23:05:10.000Z"}
    assert progress.feed(old) == []
    assert progress.feed(event("start", 2, action="read")) == []
    assert progress.feed({**event("start", 2), "event": None}) == []
    assert progress.resources == {}
    queued = replace(progress.view.runs[-1], status="queued", started_at=None)
    progress.view = replace(progress.view, runs=(queued,))
    assert progress.feed(old) == []
    assert progress.feed(event("start", 1)) != []


def test_steps_are_told_once() -> None:
    """However often the view comes."""
    progress = applying()
    assert progress.see(progress.view) == ["apply …"]
    assert progress.see(progress.view) == []


def test_a_log_line_shows_the_event_where_there_is_no_message() -> None:
    """Its summary."""
    line = {**event("progress", 3), "event": {"summary": "still creating"}}
    assert log_line(line).plain == "23:09:03  apply     photos-key  still creating"


def test_a_message_that_is_wider_goes_on_below_where_it_began() -> None:
    """Instances are listed there, and each is longer than half a line."""
    progress = applying()
    said = "resolved " + ", ".join(f"acme-use1-dev/photos-{name}" for name in ("key", "bucket", "identity"))
    progress.feed({**event("start", 1), "event": None, "instance": None, "message": said})
    lines = text([progress.screen(NOW)], 60).splitlines()
    at = next(number for number, line in enumerate(lines) if "resolved" in line)
    assert [line[:2].strip() for line in lines[at:]] == [""] * len(lines[at:])
    assert " ".join(" ".join(lines[at:]).split()) == said
