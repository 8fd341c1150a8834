"""`gaia terraform …` against a platform in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

HERE = ("photos-bucket", "-s", "acme-use1-dev")


def test_plan_shows_the_changes_of_one_instance(gaia: Gaia) -> None:
    """And says so when there are none; the detailed exit code is terraform's."""
    assert "3 to create" in gaia("terraform", "plan", *HERE).out
    assert "nothing to change" in gaia("terraform", "plan", "other", "-s", "acme-use1-dev").out
    document = gaia("terraform", "plan", *HERE, "-o", "json").json
    assert document["instance"] == "acme-use1-dev/photos-bucket"
    assert gaia("terraform", "plan", *HERE, "-detailed-exitcode").code == 2
    assert gaia("terraform", "plan", "other", "-s", "acme-use1-dev", "--detailed-exitcode").code == 0
    gaia("terraform", "plan", *HERE, "--destroy")
    assert gaia.platform.calls[-1] == ("plan", {"instance": "acme-use1-dev/photos-bucket", "destroy": True})


def test_apply_shows_the_plan_asks_and_applies(gaia: Gaia) -> None:
    """A yes applies; anything else changes nothing and ends with 1."""
    said = gaia("terraform", "apply", *HERE, tty=True, given="y\n", NO_COLOR="1")
    assert said.code == 0
    assert said.out.index("3 to create") < said.out.index("3 created")
    assert "As grace, apply exactly this in account 123456789012 in us-east-1 (profile media)? [y/N]" in " ".join(
        said.err.split()
    )
    said = gaia("terraform", "apply", *HERE, tty=True, given="\n")
    assert (said.code, "Nothing was changed." in said.err) == (1, True)
    assert [name for name, _ in gaia.platform.calls if name == "change"] == ["change"]


def test_without_a_terminal_a_yes_is_needed(gaia: Gaia) -> None:
    """By option, also as terraform spells it; `deploy` is one."""
    said = gaia("terraform", "apply", *HERE, "-o", "json")
    assert (said.code, said.error["error"]) == (2, "confirmation-missing")
    assert [name for name, _ in gaia.platform.calls if name == "change"] == []
    for command in (("apply", *HERE, "--yes"), ("apply", *HERE, "-auto-approve"), ("deploy", *HERE)):
        assert "3 created" in gaia("terraform", *command).out
    assert "3 deleted" in gaia("terraform", "destroy", *HERE, "-y").out


def test_a_change_is_a_document(gaia: Gaia) -> None:
    """With what was changed, and the outputs that are not sensitive."""
    document = gaia("terraform", "deploy", *HERE, "-o", "json").json
    assert (document["status"], document["changed"], document["outputs"]) == (
        "applied",
        {"create": 3},
        {"name": "photos"},
    )


def test_a_parked_change_says_what_is_left(gaia: Gaia) -> None:
    """Exit code 6, as for requests."""
    gaia.platform.end = "parked"
    said = gaia("terraform", "deploy", *HERE)
    assert said.code == 6
    assert all(part in said.err for part in ("no more quota", "change-parked", "terraform-failed", "a.b", "Look."))
    said = gaia("terraform", "deploy", *HERE, "-o", "json")
    assert (said.code, said.json["code"]) == (6, "terraform-failed")


def test_outputs_are_shown(gaia: Gaia) -> None:
    """All, or one alone for scripts; one that there is not is answered with those that there are."""
    out = gaia("terraform", "output", *HERE).out
    assert ("photos" in out, "owner=ada" in out, "(sensitive)" in out) == (True, True, True)
    assert gaia("terraform", "output", *HERE, "name").out == "photos\n"
    assert gaia("terraform", "output", *HERE, "tags", "-o", "json").json["outputs"] == {"tags": {"owner": "ada"}}
    said = gaia("terraform", "output", *HERE, "nothing")
    assert (said.code, "name, secret, tags" in said.err) == (3, True)


def test_validate_shows_what_terraform_says(gaia: Gaia) -> None:
    """Exit code 1 when there is an error."""
    said = gaia("terraform", "validate", *HERE)
    assert (said.code, "valid Terraform code" in said.out) == (0, True)
    gaia.platform.end = "failed"
    said = gaia("terraform", "validate", *HERE)
    assert (said.code, "at main.tf:1:2" in said.out) == (1, True)
    assert gaia("terraform", "validate", *HERE, "-o", "json").json["valid"] is False
