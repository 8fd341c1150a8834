"""Which provider blocks of a component's own are known before anything is planned, and how they are taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.checkout import hoisting

if TYPE_CHECKING:
    from pathlib import Path

VARIABLES = 'variable "region" {}\nvariable "team" { default = "media" }\n'
KNOWN = {
    "literals and variables": (
        'provider "aws" {\n  region = var.region\n  max_retries = 3\n}',
        {"aws": {"region": "eu-west-1", "max_retries": 3}},
    ),
    "a nested block": (
        'provider "aws" {\n  default_tags {\n    tags = { team = var.team, by = "x-${var.region}" }\n  }\n}',
        {"aws": {"default_tags": [{"tags": {"team": "media", "by": "x-eu-west-1"}}]}},
    ),
    "two providers": ('provider "aws" {}\nprovider "null" {}', {"aws": {}, "null": {}}),
}  # fmt: skip
UNKNOWN = {
    "a module's output": 'provider "aws" { region = module.x.region }',
    "a function": 'provider "aws" { region = lower(var.region) }',
    "a local": 'provider "aws" { region = local.region }',
    "an alias": 'provider "aws" { alias = "west" }',
    "a dynamic block": 'provider "aws" {\n  dynamic "assume_role" {\n    for_each = []\n    content {}\n  }\n}',
    "a variable without a value": 'provider "aws" { region = var.other }',
}


@pytest.mark.parametrize(("code", "expected"), KNOWN.values(), ids=KNOWN.keys())
def test_values_are_known(tmp_path: Path, code: str, expected: object) -> None:
    """What terraform would make of it."""
    (tmp_path / "main.tf").write_text(VARIABLES + code)
    blocks = hoisting.read(tmp_path)
    assert blocks is not None
    assert blocks.values({"region": "eu-west-1"}) == expected


@pytest.mark.parametrize("code", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_only_terraform_can_tell_is_left_to_it(tmp_path: Path, code: str) -> None:
    """Such an instance is planned alone."""
    (tmp_path / "main.tf").write_text(VARIABLES + code)
    blocks = hoisting.read(tmp_path)
    assert blocks is not None
    assert blocks.values({"region": "eu-west-1"}) is None


def test_the_blocks_are_taken_out_and_lines_keep_their_numbers(tmp_path: Path) -> None:
    """What terraform says of the rest has its place in the original."""
    (tmp_path / "main.tf").write_text('provider "aws" {\n  region = "x"\n}\nresource "a" "b" {}\n')
    (tmp_path / "other.tf").write_text('# provider\nlocals { x = "ä" }\nprovider "aws" {}')
    hoisting.take_out(tmp_path)
    assert (tmp_path / "main.tf").read_text() == '\n\n\nresource "a" "b" {}\n'
    assert (tmp_path / "other.tf").read_text() == '# provider\nlocals { x = "ä" }\n'
