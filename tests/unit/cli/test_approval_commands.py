"""approve --for, comment, group, delegation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.testing import views

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia


@pytest.fixture(autouse=True)
def waits(gaia: Gaia) -> None:
    """Photos wait for two people."""
    gaia.platform.views[views.REQUEST] = replace(
        views.waiting(), approvals=(views.approval(),), approvals_needed=views.needed()
    )


def test_what_a_request_waits_for_is_shown(gaia: Gaia) -> None:
    """With the rule's place and the second factor; in the list the number."""
    shown = " ".join(gaia("status", "photos").out.split())
    assert "1 of 2 approvals; waits for one of group security; with a second factor of the last 15 minutes" in shown
    assert "approvals/production.yaml:2" in shown
    assert "waiting (1 of 2)" in gaia("status").out
    [line] = gaia("status", "-o", "json").json["requests"]
    assert line["approvals_needed"]["words"] == "1 of 2 approvals; waits for one of group security"


def test_in_whose_name_is_said_and_shown(gaia: Gaia) -> None:
    """`--for` hands it on."""
    gaia("approve", "photos", "--for", "ada", "--yes", "--detach")
    said = gaia("status", "photos", "-o", "json").json["approvals"][-1]
    assert (said["by"], said["on_behalf"]) == ("grace", "ada")
    assert "by grace for ada" in " ".join(gaia("status", "photos").out.split())


def test_a_comment_is_shown_and_obeyed_in_nothing(gaia: Gaia) -> None:
    """Escape sequences are shown as what they are; an empty one is refused."""
    shown = gaia("comment", "photos", "Which \x1b[31mbucket?").out
    assert "Which \\x1b[31mbucket?" in shown
    assert "\x1b[31m" not in shown
    assert gaia("comment", "photos", "  ").code == 2


def test_groups_are_joined_left_and_listed(gaia: Gaia) -> None:
    """One error for what is no name."""
    assert "grace is in security" in gaia("group", "add", "grace", "security").out
    gaia("group", "add", "ada", "security")
    assert gaia("group", "list", "-o", "json").json == {"groups": [{"name": "security", "people": ["ada", "grace"]}]}
    assert "security" in gaia("group", "list").out
    assert gaia("group", "remove", "ada", "security", "-o", "json").json["groups"] == []
    assert gaia("group", "add", "ada", "No Name").code == 2


def test_delegations_are_given_listed_and_ended(gaia: Gaia) -> None:
    """Until the end of a day, or for so long; what is neither is refused."""
    made = gaia("delegation", "create", "gus", "--until", "2099-12-24", "-o", "json").json
    assert (made["to"], made["until"]) == ("gus", "2099-12-25T00:00:00.000Z")
    said = gaia("delegation", "create", "gus", "--until", "2099-12-24", "--tenant", "acme").out
    assert "gus may approve for grace in acme/* until 2099-12-25 00:00 UTC." in " ".join(said.split())
    assert len(gaia("delegation", "list", "-o", "json").json["delegations"]) == 2
    assert "acme/*" in gaia("delegation", "list").out
    assert "no longer" in gaia("delegation", "revoke", "dlg_0").out
    for wrong in ("soon", "2026-13-40", "2026-12-24T00:00:00", "\x1b[31m"):
        assert gaia("delegation", "create", "gus", "--until", wrong).code == 2
    assert gaia("delegation", "revoke", "dlg_9").code == 3
