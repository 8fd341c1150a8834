"""`gaia looks` and `gaia reconcile`: what they print, their exit codes, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.testing.drifting import AT, RUN, drifted, unchecked

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

    from gaia.platform.drift.views import LookView

HERE = ("photos-bucket", "-s", "acme-use1-dev")


def test_what_is_listed(gaia: Gaia) -> None:
    """In words and as data; where nothing fits that is said."""
    assert "~ drifted, 1 cause" in gaia("looks", "list").out
    [one] = gaia("looks", "list", "--state", "drifted", "-o", "json").json["instances"]
    assert one == drifted().as_json()
    assert "Nothing was found so" in gaia("looks", "list", "--state", "gone").out
    assert gaia("looks", "list", "--since", "2026-11-01").code == 0


@pytest.mark.parametrize(
    "words", [("--state", "broken"), ("--state", "\x1b[31m"), ("--since", "yesterday"), ("--limit", "0")]
)
def test_what_cannot_be_listed_so(gaia: Gaia, words: tuple[str, str]) -> None:
    """Is an error of its own."""
    said = gaia("looks", "list", *words)
    assert (said.code, "\x1b" in said.err) == (2, False)


def test_what_is_shown(gaia: Gaia) -> None:
    """The findings as `gaia drift` words them, the looks before, and when the next one comes."""
    said = gaia("looks", "show", *HERE).out
    assert "aws_s3_bucket photos  changed outside; an apply changes it back" in said
    assert "✗ not-checked (terraform-failed)" in said
    assert "It is looked at every 1d" in said
    assert gaia("looks", "show", "nothing", "-s", "acme-use1-dev").code == 3


def test_a_look_now(gaia: Gaia) -> None:
    """Its exit code says whether it could be checked, not whether there is drift."""
    assert gaia("looks", "now", *HERE).code == 0
    assert gaia("looks", "now", *HERE, "--detach", "-o", "json").json["id"] == RUN
    gaia.app.drifts.made = [unchecked()]
    assert gaia("looks", "now", *HERE).code == 7


def test_a_look_that_was_put_off(gaia: Gaia, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is said to be."""

    def put_off(look: LookView) -> LookView:
        return replace(look, status="failed", ended_at=AT, reason="it is being changed")

    monkeypatch.setattr(gaia.app.drifts, "work", put_off)
    said = gaia("looks", "now", *HERE)
    assert said.code == 7
    assert "it is being changed" in said.err


def test_a_look_is_ended(gaia: Gaia) -> None:
    """By the command that ends what is carried out for a request."""
    assert f"{RUN}, which looks at" in gaia("cancel", RUN).out
    assert gaia("cancel", "run_none").code == 3


def test_a_service_is_put_back(gaia: Gaia) -> None:
    """A request like any; where no look found drift there is none."""
    from gaia.testing import views

    done = replace(views.waiting(), service="music", status="done")
    gaia.platform.views[done.id] = done
    refused = gaia("reconcile", "music", "-s", done.stack)
    assert refused.code == 6
    assert "gaia looks list" in refused.err
    gaia.platform.drifted = True
    assert "Put back music" in gaia("reconcile", "music", "-s", done.stack).out
