"""What `gaia cost` says of input that it cannot use: an error with a next step, or a figure that says what it lacks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.cli.test_cost_commands import PLAN

from gaia.bootstrap import App

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia, Said

STATE = {"version": 4, "terraform_version": "1.12.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": []}
USAGE = "resource_usage: {{aws_s3_bucket.this: {{standard: {{storage_gb: {}}}}}}}\n"


def priced(gaia: Gaia, content: str, *more: str, **environ: str) -> Said:
    """`gaia cost breakdown plan.json` without anything that is faked."""
    settings = replace(gaia.settings, environ={**gaia.settings.environ, **environ})
    real, fake = App(settings), gaia.app
    fake.plan_file_cost = real.plan_file_cost  # type: ignore[method-assign]
    (settings.cwd / "plan.json").write_text(content)
    return gaia("cost", "breakdown", "plan.json", *more, "-o", "json")


def refused(said: Said) -> Any:
    """The only thing that was said."""
    assert said.code != 0
    assert said.out == ""
    assert said.error["next_step"]
    return said.error


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (json.dumps(STATE), "plan-is-a-state"),
        (json.dumps(PLAN)[:-20], "plan-not-json"),
        (json.dumps({**PLAN, "format_version": "2.0"}), "plan-format-unknown"),
        (json.dumps({**PLAN, "configuration": None}), "plan-without-configuration"),
    ],
)
def test_what_is_no_whole_plan_has_no_price(gaia: Gaia, content: str, code: str) -> None:
    """A state, half a file, a format of another time, a plan without its configuration."""
    assert refused(priced(gaia, content))["error"] == code


def test_a_region_without_prices_is_named(gaia: Gaia) -> None:
    """The line has no cost and the total is partial: it is no zero."""
    said = priced(gaia, json.dumps(PLAN).replace("us-east-1", "xx-nowhere-9"))
    assert said.code == 0, said.err
    assert said.json["totals"]["partial"] is True
    assert "xx-nowhere-9" in said.out
    assert {row["monthly"] for row in said.json["rows"] if row["unpriced"]} == {None}


@pytest.mark.parametrize(("content", "code"), [(b"nonsense" * 1000, "price-book-unreadable"), (None, "price-book-old")])
def test_a_price_book_that_is_no_good_prices_nothing(gaia: Gaia, content: bytes | None, code: str) -> None:
    """One that is corrupt, and one that is older than somebody allows."""
    if content is not None:
        gaia.settings.home.mkdir(parents=True, exist_ok=True)
        (gaia.settings.home / "prices.sqlite").write_bytes(content)
    limit: dict[str, str] = {} if content is not None else {"GAIA_PRICES_MAX_DAYS": "0"}
    assert refused(priced(gaia, json.dumps(PLAN), **limit))["error"] == code


@pytest.mark.parametrize("number", ["-1", ".nan", "1e300", "much"])
def test_usage_that_nobody_can_have_is_refused(gaia: Gaia, tmp_path: Path, number: str) -> None:
    """Below nothing, no number, and more than there is of anything."""
    (tmp_path / "usage.yml").write_text(USAGE.format(number))
    error = refused(priced(gaia, json.dumps(PLAN).replace("kms_key", "s3_bucket"), "--usage-file", "usage.yml"))
    assert error["error"] == "usage-invalid"
    assert "storage_gb of aws_s3_bucket.this" in error["message"]
