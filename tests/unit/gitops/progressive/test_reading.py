"""What may be said of how a version gets its traffic."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.gitops.conftest import BLUE_GREEN, CANARY, LAYOUT, LEAST, MOST, layout_of, release_of

from gaia.errors import Invalid
from gaia.gitops import layout as layouts
from gaia.gitops import reading
from gaia.gitops.progressive.model import Check, Progressive
from gaia.gitops.written import document
from gaia.kit import yaml

CHECKS = {"success_rate": {"min": 99}}


def test_three_ways_are_read() -> None:
    """Steps of the traffic, all of it at once, and by headers; a query is the repository's."""
    canary, early = release_of(CANARY), {"looks": 5, "headers": {"X-Early": "yes"}, "checks": CHECKS}
    rate, latency = LAYOUT["progressive"]["metrics"].values()
    assert canary.progressive == Progressive(
        "canary", (5, 20, 50), 0, 60, 3,
        (Check("success_rate", rate, 99.5), Check("latency_ms", latency, None, 500)),
    )  # fmt: skip
    blue = release_of(BLUE_GREEN).progressive
    assert blue is not None
    assert (blue.strategy, blue.looks, blue.steps) == ("blue/green", 10, ())
    by_header = release_of(MOST | {"progressive": early}).progressive
    assert by_header is not None
    assert (by_header.strategy, by_header.headers) == ("a/b", {"X-Early": "yes"})
    assert release_of(LEAST).progressive is None


WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (MOST, {"checks": CHECKS}, "steps and looks, or neither"),
    (MOST, {"steps": [5], "looks": 3, "checks": CHECKS}, "steps and looks, or neither"),
    (MOST, {"steps": [5], "headers": {"A": "b"}, "checks": CHECKS}, "do not go together"),
    (LEAST, {"steps": [5], "checks": CHECKS}, "divides the traffic for steps"),
    (LEAST, {"looks": 5, "headers": {"A": "b"}, "checks": CHECKS}, "divides the traffic for headers"),
    (MOST, {"steps": [], "checks": CHECKS}, "steps is []"),
    (MOST, {"steps": [50, 20], "checks": CHECKS}, "steps is"),
    (MOST, {"steps": [5, 5], "checks": CHECKS}, "steps is"),
    (MOST, {"steps": [0, 100], "checks": CHECKS}, "steps is"),
    (MOST, {"steps": [True], "checks": CHECKS}, "steps is"),
    (MOST, {"steps": ["5"], "checks": CHECKS}, "steps is"),
    (MOST, {"steps": 5, "checks": CHECKS}, "no list"),
    (MOST, {"steps": [5]}, "no checks"),
    (MOST, {"steps": [5], "checks": {}}, "no checks"),
    (MOST, {"steps": [5], "checks": {"beauty": {"min": 1}}}, "no metric"),
    (MOST, {"steps": [5], "checks": {"success_rate": {}}}, "no bound"),
    (MOST, {"steps": [5], "checks": {"success_rate": 99}}, "no map"),
    (MOST, {"steps": [5], "checks": {"success_rate": {"min": "99"}}}, "min is"),
    (MOST, {"steps": [5], "checks": {"success_rate": {"min": True}}}, "min is True"),
    (MOST, {"steps": [5], "checks": {"success_rate": {"min": 2, "max": 1}}}, "max is below min"),
    (MOST, {"steps": [5], "checks": {"success_rate": {"most": 2}}}, "no field"),
    (MOST, {"looks": 0, "checks": CHECKS}, "looks is 0"),
    (MOST, {"looks": 2, "headers": {"A B": "x"}, "checks": CHECKS}, "a header is called"),
    (MOST, {"looks": 2, "headers": {"A": "x\ny"}, "checks": CHECKS}, "A is"),
    (MOST, {"steps": [5], "interval_seconds": 1, "checks": CHECKS}, "interval_seconds is 1"),
    (MOST, {"steps": [5], "failures": 0, "checks": CHECKS}, "failures is 0"),
    (MOST, {"weights": [5]}, "no field"),
]


@pytest.mark.parametrize(("source", "said", "word"), WRONG)
def test_what_would_find_nothing_out_is_refused(source: dict[str, Any], said: dict[str, Any], word: str) -> None:
    """One error, with its place and a next step."""
    with pytest.raises(Invalid) as caught:
        release_of(source | {"progressive": said})
    assert caught.value.code == "release-invalid"
    assert word in caught.value.message
    assert caught.value.next_step
    assert caught.value.at


def test_without_numbers_there_is_nothing_to_judge_by() -> None:
    """A repository that names none has no Flagger, as far as anybody knows."""
    left = {name: value for name, value in LAYOUT.items() if name != "progressive"}
    layout = layouts.read(yaml.parse(document(left).encode(), "gitops.yaml"))
    with pytest.raises(Invalid, match="names no metrics"):
        reading.read(yaml.parse(document(CANARY).encode(), "release.yaml"), layout)


@pytest.mark.parametrize(
    ("numbers", "word"),
    [
        ({"prometheus": "prometheus:9090", "metrics": {"a": "x"}}, "prometheus is"),
        ({"prometheus": "http://p", "metrics": {}}, "no metrics"),
        ({"prometheus": "http://p"}, "no metrics"),
        ({"prometheus": "http://p", "metrics": {"A": "x"}}, "a metric is called"),
        ({"prometheus": "http://p", "metrics": {"a": ""}}, "no query"),
        ({"prometheus": "http://p", "metrics": {"a": 1}}, "no query"),
        ({"prometheus": "http://p", "metrics": {"a": "x{{ .Secret }}"}}, "nobody fills in"),
        ({"metrics": {"a": "x"}}, "prometheus is missing"),
    ],
)
def test_numbers_that_nobody_could_ask_for_are_refused(numbers: dict[str, Any], word: str) -> None:
    """In the repository's own file."""
    with pytest.raises(Invalid) as caught:
        layout_of(progressive=numbers)
    assert caught.value.code == "gitops-invalid"
    assert word in caught.value.message
