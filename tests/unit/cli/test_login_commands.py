"""`gaia login`, `logout`, `whoami`: what they show, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia


def test_login_shows_the_code_and_then_who_it_was(gaia: Gaia) -> None:
    """The code goes to the error stream, so that a program gets the person alone."""
    said = gaia("login")
    assert said.code == 0
    for part in ("https://login.example.com/device", "WDJB-MJHT", "https://gaia.example.com", "Ctrl-C"):
        assert part in said.err
    assert "Signed in as ada" in said.out
    read = gaia("login", "-o", "json")
    assert "WDJB-MJHT" in read.err
    assert read.json["name"] == "ada"


def test_login_asks_for_a_second_factor(gaia: Gaia) -> None:
    """Only where that is wanted."""
    gaia("login")
    assert not gaia.app.entering.stepped_up
    assert gaia("login", "--step-up").code == 0
    assert gaia.app.entering.stepped_up


def test_logout_says_whether_anybody_was_in(gaia: Gaia) -> None:
    """Twice is no error."""
    gaia("login")
    assert "Signed out" in gaia("logout").out
    assert "Nobody had signed in" in gaia("logout").out
    assert gaia("logout", "-o", "json").json == {"signed_out": False}


def test_whoami_shows_roles_groups_and_how_long(gaia: Gaia) -> None:
    """As a document with the same."""
    said = gaia("whoami").out
    for part in ("ada", "developer in acme/dev", "viewer in */*", "acme-developers", "provider of identities"):
        assert part in said
    read = gaia("whoami", "-o", "json").json
    assert read["groups"] == ["acme-developers", "everybody"]
    assert read["grants"][0] == {"role": "developer", "tenant": "acme", "stage": "dev"}


def test_somebody_is_shut_out_and_let_in_again(gaia: Gaia) -> None:
    """The list shows it."""
    assert "dana is shut out" in gaia("person", "disable", "dana").out
    assert "shut out" in gaia("person", "list").out
    assert "dana may call again" in gaia("person", "enable", "dana").out
    assert [one["name"] for one in gaia("person", "list", "-o", "json").json["people"]] == ["ada"]
