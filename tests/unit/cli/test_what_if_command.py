"""`gaia cost what-if` of an instance: with one plan where that tells, else with another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Position, ToolFailed
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

    from gaia.stacks.model import Instance

LINE = ("cost", "what-if", "photos-bucket", "-s", "acme-use1-dev")


def code_of(*references: str) -> dict[str, Any]:
    """The bucket's code; what its name refers to."""
    bucket = {
        "address": "aws_s3_bucket.this", "mode": "managed", "type": "aws_s3_bucket", "name": "this",
        "expressions": {"name": {"references": list(references)}},
    }  # fmt: skip
    return {"variables": {"name": {}, "tags": {}}, "resources": [bucket]}


def plans(gaia: Gaia) -> int:
    """How many there were."""
    return sum(one.startswith("plan") for one in gaia.world.commands)


@pytest.mark.parametrize(
    ("references", "more", "times", "said"),
    [
        (["var.name"], (), 1, "priced without another plan"),
        (["var.name", "var.tags"], (), 2, "value: aws_s3_bucket.this.name is made of name and more"),
        (["var.name"], ("--replan",), 2, "planned with the other value: as was asked for"),
    ],
)  # fmt: skip
def test_it_is_planned_anew_only_where_that_is_needed(
    gaia: Gaia, references: list[str], more: tuple[str, ...], times: int, said: str
) -> None:
    """Which way it took is said; nothing is applied, and what is shown is a difference."""
    gaia.code()
    code = gaia.app.root / "components/terraform/s3-bucket/main.tf"
    code.write_text('variable "name" {}\nvariable "tags" {}\n')
    gaia.world.code = code_of(*references)
    shown = gaia(*LINE, "--set", "name=films", *more)
    assert shown.code == 0, shown.err
    assert said in " ".join(shown.err.split())
    assert "Difference a month" in shown.out
    assert plans(gaia) == times
    assert not [one for one in gaia.world.commands if one.startswith("apply")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ((*LINE, "--set", "nothing=1"), "variable-unknown"),
        ((*LINE, "--set", "name"), "usage"),
        (LINE, "usage"),
        (("cost", "what-if", "--set", "name=1"), "usage"),
        (("cost", "what-if", "photos-bucket", "--set", "name=1"), "usage"),
        (("cost", "what-if", "plan.json", "--replan", "--set", "name=1"), "usage"),
    ],
)
def test_what_is_not_meant_is_one_error(gaia: Gaia, line: tuple[str, ...], code: str) -> None:
    """With a next step."""
    gaia.code()
    gaia.world.code = code_of("var.name")
    said = gaia(*line, "-o", "json")
    assert said.code != 0
    assert said.error["error"] == code
    assert said.error["next_step"]


def test_a_value_that_terraform_refuses_stands_in_no_file(gaia: Gaia) -> None:
    """The stack's line holds another one: it is not blamed."""
    gaia.code()
    gaia.world.code = code_of("var.name", "var.tags")
    error = ToolFailed("terraform-failed", "the name is too short", next_step="Give another.", at=Position("a.yaml", 3))

    def planned(instance: Instance) -> Plan:
        if instance.vars["name"] == "f":
            raise error
        return Plan.parse({**Plan.nothing().raw, "configuration": {"root_module": gaia.world.code}})

    with gaia.app.checkout(None) as checkout, pytest.raises(ToolFailed) as caught:
        gaia.app.instance_what_if(
            checkout, checkout.instance("photos-bucket", "acme-use1-dev"), {"name": "f"}, planned, replan=True
        )
    assert (caught.value.at, caught.value.message) == (None, "with another name: the name is too short")
