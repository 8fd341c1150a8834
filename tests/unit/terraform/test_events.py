"""Lines of terraform's stream, one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gaia.terraform.events import Event, parse_event


def _line(kind: object, **more: Any) -> str:
    return json.dumps({"@message": "said", "type": kind, **more})


HOOK = {
    "resource": {"addr": "aws_x.a", "resource_type": "aws_x"},
    "action": "create", "elapsed_seconds": 2, "id_value": "i-1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("apply_start", "start"),
        ("apply_progress", "progress"),
        ("apply_complete", "complete"),
        ("apply_errored", "failed"),
    ],
)
def test_what_terraform_does_is_told(kind: str, event: Any) -> None:
    """Where, to what, for how long, and the id that it has got."""
    assert parse_event(_line(kind, hook=HOOK)) == Event(event, "aws_x.a", "aws_x", "create", 2.0, "i-1", "said")


def test_what_is_planned_is_told() -> None:
    """From the part of the line that says so."""
    found = parse_event(_line("planned_change", change={"resource": HOOK["resource"], "action": "delete"}))
    assert found == Event("planned", "aws_x.a", "aws_x", "delete", 0.0, None, "said")
    assert parse_event(_line("planned_change", hook=HOOK)) == Event("planned", summary="said")


@pytest.mark.parametrize("hook", [None, [], {}, {"resource": "x", "elapsed_seconds": "2", "id_value": ""}])
def test_what_is_not_said_is_empty(hook: object) -> None:
    """Another shape of the line is no error: the stream goes on."""
    assert parse_event(_line("apply_start", hook=hook)) == Event("start", summary="said")


def test_a_diagnostic_is_told_with_its_address() -> None:
    """Its summary is the event's; without an address it belongs to no resource."""
    said = {"severity": "error", "summary": "no", "detail": "why", "address": "aws_x.a"}
    found = parse_event(_line("diagnostic", diagnostic=said))
    assert found is not None
    assert found.diagnostic is not None
    assert (found.kind, found.address, found.summary) == ("diagnostic", "aws_x.a", "no")
    assert (found.diagnostic.severity, found.diagnostic.detail) == ("error", "why")
    nowhere = parse_event(_line("diagnostic", diagnostic={"severity": "warning", "summary": "hm"}))
    assert nowhere is not None
    assert (nowhere.address, nowhere.summary) == ("", "hm")


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "5", '"apply_start"', _line("version"), _line(None), _line(["apply_start"])]
)
def test_other_lines_are_passed_over(line: str) -> None:
    """What is not followed, and what is no JSON."""
    assert parse_event(line) is None


def test_the_line_of_a_log_holds_all_of_it() -> None:
    """But the diagnostic, which has a line of its own."""
    event = Event("complete", "aws_x.a", "aws_x", "create", 2.0, "i-1", "said")
    assert event.as_json() == {
        "kind": "complete", "address": "aws_x.a", "type": "aws_x", "action": "create", "elapsed": 2.0, "id": "i-1",
        "summary": "said",
    }  # fmt: skip
