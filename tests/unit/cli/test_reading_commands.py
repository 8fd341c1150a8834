"""status, logs, why, explain and describe."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from gaia.cli.commands.understand import parse_path, path_text
from gaia.platform.model import WhyLine, WhyView
from gaia.testing import views

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

    from gaia.records.model import RequestStatus

LINE = {
    "at": "2026-11-23T23:09:02.000Z", "level": "warn", "step": "apply", "message": "slow",
    "instance": "acme-use1-dev/photos-key", "event": None,
}  # fmt: skip
DEV = ("-s", "acme-use1-dev")


@pytest.fixture(autouse=True)
def _one_waits(gaia: Gaia) -> None:
    gaia.platform.views[views.REQUEST] = views.waiting()
    gaia.platform.lines = [LINE]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--output", "json", "status", "photos"),
        ("status", "-o", "json", "photos"),
        ("status", "photos", "--output=json"),
    ],
)
def test_output_may_stand_anywhere(gaia: Gaia, arguments: tuple[str, ...]) -> None:
    """Before the command, in it, or after it."""
    assert gaia(*arguments).json == json.loads(json.dumps({**views.waiting().as_json(), "next_act": None}))


def test_the_command_s_own_output_wins(gaia: Gaia) -> None:
    """Over the global one."""
    said = gaia("--output", "json", "status", "photos", "--output", "yaml")
    assert yaml.safe_load(said.out)["service"] == "photos"


def test_another_output_is_a_usage_error(gaia: Gaia) -> None:
    """Which ones there are is said."""
    said = gaia("status", "--output", "xml")
    assert said.code == 2
    assert "json" in said.err


def test_status_lists_requests_without_their_previews(gaia: Gaia) -> None:
    """A table for people; for machines the digest and the cost stand for the preview."""
    said = gaia("status", COLUMNS="80")
    words = ("photos", "acme-use1-dev", "◆ waiting", "ada", "$13.60", "req_019aa8c2d3e4")
    assert [word for word in words if word not in said.out] == []
    (short,) = gaia("status", "-o", "json").json["requests"]
    assert short["digest"] == views.DIGEST
    assert short["monthly_cost"] == "13.6"
    assert "preview" not in short


def test_status_of_nothing_says_what_to_do(gaia: Gaia) -> None:
    """No empty table."""
    gaia.platform.views.clear()
    assert "gaia request" in gaia("status").out
    assert gaia("status", "-o", "json").json == {"requests": [], "next": None}


def test_status_hands_its_filters_on(gaia: Gaia) -> None:
    """Stack, open ones, and the page."""
    gaia("status", *DEV, "--open", "--after", "req_1", "--limit", "7")
    given = {"stack": "acme-use1-dev", "open_only": True, "after": "req_1", "limit": 7}
    assert gaia.platform.calls == [("requests", given)]


def test_a_full_page_says_where_the_next_begins(gaia: Gaia) -> None:
    """In words and for programs; all of them with 0."""
    said = gaia("status", "--limit", "1")
    assert f"Older ones: gaia status --after {views.REQUEST}" in said.err
    assert json.loads(gaia("status", "--limit", "1", "--output", "json").out)["next"] == views.REQUEST
    assert "Older" not in gaia("status", "--limit", "0").err
    assert json.loads(gaia("status", "--output", "json").out)["next"] is None


def test_status_watch_follows_to_the_end(gaia: Gaia) -> None:
    """And ends with its exit code; what waits is not worked on."""
    assert gaia("status", "photos", "--watch").code == 0
    assert "work" not in dict(gaia.platform.calls)
    gaia.platform.views[views.REQUEST] = replace(views.waiting(), status="applying")
    gaia.platform.end = "parked"
    assert gaia("status", "photos", "-w").code == 6


def test_an_unknown_request_is_not_found(gaia: Gaia) -> None:
    """For every command that takes one."""
    for arguments in (("status",), ("logs",), ("approve",), ("resume",), ("reject", "--reason", "x")):
        said = gaia(*arguments, "no", "-o", "json")
        assert (said.code, said.error["error"]) == (3, "request-unknown")


def test_logs_are_lines(gaia: Gaia) -> None:
    """Time, step, instance and message for people; one object a line for machines."""
    assert gaia("logs", "photos").out == "23:09:02  apply     photos-key  slow\n"
    assert [json.loads(line) for line in gaia("logs", "photos", "-o", "json").out.splitlines()] == [LINE]
    assert list(yaml.safe_load_all(gaia("logs", "photos", "-o", "yaml").out)) == [LINE]


@pytest.mark.parametrize(("status", "said"), [("done", "Its log is no longer kept.\n"), ("submitted", "")])
def test_a_log_that_was_cleaned_away_is_missed(gaia: Gaia, status: RequestStatus, said: str) -> None:
    """Of a request that has ended; of one that has not begun there is nothing to say. Programs get no line."""
    gaia.platform.views[views.REQUEST] = replace(views.waiting(), status=status)
    gaia.platform.lines = []
    shown = gaia("logs", "photos")
    assert (shown.out, shown.err) == ("", said)
    shown = gaia("logs", "photos", "-o", "json")
    assert (shown.out, shown.err) == ("", "")


def test_logs_follow(gaia: Gaia) -> None:
    """-f is the platform's to carry out."""
    gaia("logs", "photos", "-f")
    assert gaia.platform.calls == [("log", {"request": "photos", "follow": True})]


def test_why_walks_back_to_the_person(gaia: Gaia) -> None:
    """Each line with its place."""
    said = gaia("why", "aws_s3_bucket.this", *DEV)
    assert said.out.index("resource") < said.out.index("answer") < said.out.index("ada asked for photos")
    assert "stacks/orgs/acme/dev/services/photos.yaml:14:5" in said.out
    assert gaia("why", "x", "-o", "json").json["subject"] == "x"


def test_why_says_nothing_twice(gaia: Gaia, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same value of two instances is one line; its kind is named once for all."""
    value = WhyLine("value", "tenant = acme", "stacks/orgs/acme/_defaults.yaml:7:3")
    other = WhyLine("value", "region = us-east-1", "stacks/mixins/region.yaml:2:3")
    monkeypatch.setattr(gaia.platform, "why", lambda *_, **__: WhyView("photos", "req_1", (value, other, value)))
    out = gaia("why", "photos").out
    assert out.count("tenant = acme") == 1
    assert out.count("value") == 1


def test_explain_shows_where_values_come_from(gaia: Gaia) -> None:
    """Every leaf of vars, one path, or what is below it; the layers from the first to the one that holds."""
    said = gaia("explain", "photos-bucket", *DEV)
    assert "vars.tags.owner" in said.out
    assert "photos.yaml:10:11" in said.out
    assert said.out.index("╷ before") < said.out.index("╰ team-media")
    assert len(gaia("explain", "photos-bucket", *DEV, "vars.tags").out.splitlines()) == 2
    (origin,) = gaia("explain", "photos-bucket", *DEV, "tags.owner", "-o", "json").json["origins"]
    assert origin == {
        "path": "vars.tags.owner", "value": "team-media", "at": "stacks/orgs/acme/dev/photos.yaml:10:11",
        "overridden": [{"value": "before", "at": "stacks/orgs/acme/_defaults.yaml:5:10"}],
    }  # fmt: skip


def test_explain_shows_references_as_they_are_written(gaia: Gaia) -> None:
    """Also those inside a list."""
    path = gaia.settings.cwd / "stacks/orgs/acme/dev/photos.yaml"
    path.write_text(f"{path.read_text()}        keys: [!terraform.state photos-key arn, {{deep: [!store s c k]}}]\n")
    assert '["!store s c k"]' in gaia("explain", "photos-bucket", *DEV, "keys[1].deep").out
    (origin,) = gaia("explain", "photos-bucket", *DEV, "keys", "-o", "json").json["origins"]
    assert origin["value"] == ["!terraform.state photos-key arn", {"deep": ["!store s c k"]}]


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("explain", "nothing", *DEV), 3, "component-unknown"),
        (("explain", "photos-bucket", *DEV, "vars.nothing"), 3, "path-unknown"),
        (("explain", "photos-bucket", *DEV, "vars[x]"), 2, "path-invalid"),
        (("describe", "component", "nothing", *DEV), 3, "component-unknown"),
    ],
)
def test_what_is_not_there_has_one_error(gaia: Gaia, arguments: tuple[str, ...], code: int, error: str) -> None:
    """Instances, values, paths."""
    said = gaia(*arguments, "-o", "json")
    assert (said.code, said.error["error"]) == (code, error)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("vars.name", ("vars", "name")),
        ("name", ("vars", "name")),
        (".settings.cost", ("settings", "cost")),
        ("subnets[0].id", ("vars", "subnets", 0, "id")),
        ('tags["gaia:instance"]', ("vars", "tags", "gaia:instance")),
        ('tags["a.b"]', ("vars", "tags", "a.b")),
    ],
)
def test_paths_are_written_as_in_jq(text: str, path: tuple[str | int, ...]) -> None:
    """And written back so that they can be read again."""
    assert parse_path(text) == path
    assert parse_path(path_text(path)) == path
