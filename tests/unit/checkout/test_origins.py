"""Where a finding about an instance comes from: the block of its code and the value of its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from gaia.checkout.origins import CodeOrigins
from gaia.errors import Position
from gaia.policy.causes import Configuration
from gaia.policy.report import Cause

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.model import Instance

MAIN = """locals {
  tags = merge(var.tags, { a = 1 })
}

module "inner" {
  source = "./inner"
}

module "far" {
  source = "example/far/aws"
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}
"""
VARIABLES = 'variable "name" {}\n\nvariable "versioned" {\n  default = true\n}\n'
CALLS = {"inner": {"source": "./inner", "module": {}}, "far": {"source": "example/far/aws", "module": {}}}
PLAN: dict[str, Any] = {"configuration": {"root_module": {"module_calls": CALLS}}}


class Written:
    """An instance whose stack gives a name."""

    vars = {"name": "photos"}  # noqa: RUF012

    def place(self, path: tuple[str, ...]) -> Position:
        """By its path."""
        return Position("stacks/photos.yaml", len(path))


@pytest.fixture
def origins(tmp_path: Path) -> CodeOrigins:
    """Of a component with a module beside it, one from elsewhere, and a file that does not read."""
    code = tmp_path / "components" / "bucket"
    (code / "inner").mkdir(parents=True)
    (code / "main.tf").write_text(MAIN)
    (code / "variables.tf").write_text(VARIABLES)
    (code / "inner" / "main.tf").write_text('\nresource "aws_kms_key" "this" {}\n')
    (code / "inner" / "broken.tf").write_text("resource {{{\n")
    return CodeOrigins(cast("Instance", Written()), code, tmp_path, tofu=False)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("aws_s3_bucket.this[0]", "components/bucket/main.tf:13:1"),
        ("module.inner[\"a\"].aws_kms_key.this", "components/bucket/inner/main.tf:2:1"),
        ("module.far.aws_kms_key.this", "components/bucket/main.tf:9:1"),
        ("module.inner.aws_kms_key.gone", "components/bucket/main.tf:5:1"),
        ("aws_s3_bucket.gone", "None"),
    ],
)  # fmt: skip
def test_a_resource_is_found_in_its_module_or_at_its_call(origins: CodeOrigins, address: str, place: str) -> None:
    """Of code from elsewhere only the call is here."""
    assert str(origins.block(address, Configuration(PLAN))) == place


def test_a_value_is_the_stacks_or_a_default(origins: CodeOrigins) -> None:
    """Where the stack says nothing, the variable's block; where there is none either, no place."""
    given, default, nothing = (origins.value(Cause("a", name)) for name in ("name", "versioned", "other"))
    assert (str(given.at), given.given) == ("stacks/photos.yaml:2:1", True)
    assert (str(default.at), default.given) == ("components/bucket/variables.tf:3:1", False)
    assert (nothing.at, nothing.given) == (None, False)


def test_a_local_value_is_told_as_it_is_written(origins: CodeOrigins) -> None:
    """Of the component itself; a plan does not have it."""
    assert origins.local_text((), "tags") == "merge(var.tags, { a = 1 })"
    assert origins.local_text((), "none") == origins.local_text(("inner",), "tags") == ""
