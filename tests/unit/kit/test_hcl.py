"""gaia.kit.hcl."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid, Position
from gaia.kit import hcl

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = "~> 5.0"
      configuration_aliases = [aws.west]
    }
    old = "1.0"
  }
  backend "s3" {}
}
variable "plain" {}
variable "secret" {
  type      = map(object({ a = string }))
  default   = null
  sensitive = true
}
provider "aws" {
  region = var.region
}
provider "aws" {
  alias = "west"
}
resource "aws_kms_key" "this" {
  description = "${terraform.workspace} is not path.root" # nor path.cwd
}
data "aws_region" "here" {}
module "inner" {
  source = "./inner"
}
import {
  to = aws_kms_key.this
  id = "x"
}
output "arn" {
  value = aws_kms_key.this.arn
}
output "secret" {
  value     = var.secret
  sensitive = true
}
"""


def test_component(tmp_path: Path) -> None:
    """Everything that a component declares is found with its place."""
    (tmp_path / "main.tf").write_text(CODE)
    (tmp_path / "notes.md").write_text("{{{")
    (tmp_path / ".hidden.tf").write_text("{{{")
    found = hcl.read_component(tmp_path)
    assert found.variables["plain"] == hcl.Variable("plain", "any", False, False, Position("main.tf", 14, 1))
    secret = found.variables["secret"]
    assert (secret.type, secret.sensitive, secret.has_default) == ("map(object({ a = string }))", True, True)
    assert {name: output.sensitive for name, output in found.outputs.items()} == {"arn": False, "secret": True}
    assert [(provider.name, provider.alias) for provider in found.providers] == [("aws", None), ("aws", "west")]
    assert found.providers[0].at == Position("main.tf", 20, 1)
    assert found.imports == (Position("main.tf", 33, 1),)
    aws = found.required["aws"]
    assert (aws.source, aws.version, aws.aliases) == ("hashicorp/aws", "~> 5.0", ("aws.west",))
    assert (found.required["old"].source, found.required["old"].version) == ("hashicorp/old", "1.0")
    assert found.required_version == (">= 1.9",)
    assert found.backend == ("s3", Position("main.tf", 12, 3))
    assert found.modules == {"inner": "./inner"}
    assert found.resource_types == {"aws_kms_key", "aws_region"}
    assert found.uses == {"terraform.workspace"}


def test_json_component(tmp_path: Path) -> None:
    """The JSON syntax is read alike."""
    (tmp_path / "main.tf.json").write_text(
        '{"variable": {"a": {"sensitive": true}}, "output": [{"o": {"value": "${path.root}"}}],'
        '"provider": {"aws": [{"region": "r"}, {"alias": "west"}]}, "resource": {"aws_x": {"y": {}}},'
        '"terraform": {"required_providers": {"aws": {"source": "a/aws"}}, "backend": {"s3": {}}}}'
    )
    found = hcl.read_component(tmp_path)
    assert found.variables["a"].sensitive
    assert list(found.outputs) == ["o"]
    assert [provider.alias for provider in found.providers] == [None, "west"]
    assert found.required["aws"].source == "a/aws"
    assert found.resource_types == {"aws_x"}
    assert found.uses == {"path.root"}
    assert found.backend is not None
    assert found.backend[0] == "s3"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a"', "a"),
        (r'"a\n\"\\A"', 'a\n"\\A'),
        ('"$${x} %%{y}"', "${x} %{y}"),
        ("true", True),
        ("null", None),
        ("12", 12),
        ("1.5", 1.5),
        ('["a", 1, [true]]', ["a", 1, [True]]),
        ('{ a = 1, "b c" = "d" }', {"a": 1, "b c": "d"}),
        ("var.x", hcl.Expression("var.x")),
        ('"a${var.x}"', hcl.Expression('"a${var.x}"')),
        ("[var.x]", [hcl.Expression("var.x")]),
        ("-1", -1),
        ("-1.5e3", -1500.0),
        ("-1-2", hcl.Expression("-1-2")),
        ("-var.x", hcl.Expression("-var.x")),
        ("f(1)", hcl.Expression("f(1)")),
        ('""', ""),
    ],
)
def test_values(text: str, value: object) -> None:
    """Literals become data; anything that would have to be evaluated stays as it is written."""
    found = hcl.parse(f"x = {text}\n", "f.tf").attributes["x"]
    assert found.value == value
    assert found.text == text


@pytest.mark.parametrize(("text", "line"), [("variable x {\n", 1), ('a = 1\nb = "\n', 2), ("}", 1)])
def test_syntax_errors(text: str, line: int) -> None:
    """What cannot be read is an error with its place."""
    with pytest.raises(Invalid) as refused:
        hcl.parse(text, "f.tf")
    assert refused.value.code == "hcl-syntax"
    assert refused.value.at is not None
    assert refused.value.at.line >= line
    with pytest.raises(Invalid):
        hcl.parse_json("{", "f.tf.json")


def test_blanks_at_the_ends_of_a_text_are_part_of_it() -> None:
    """Also where there is nothing else in it, and in a label."""
    block = hcl.parse('a = "  x "\nb = " "\nc " d" {}\n', "main.tf")
    assert (block.literal("a"), block.literal("b"), block.blocks[0].labels) == ("  x ", " ", (" d",))
