"""gaia.terraform.hcl_text: values as HCL, in the two forms that Atmos writes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.kit import hcl
from gaia.terraform import hcl_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RequireTool

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def test_a_backend_is_written_as_terraform_fmt_would() -> None:
    """Equals signs of neighbors below each other; a map is a value and interrupts them (Atmos's own example)."""
    body = {
        "acl": "bucket-owner-full-control",
        "assume_role": {
            "session_name": "states",
            "role_arn": "arn:aws:iam::123456789012:role/states",
            "duration": "1h",
        },
        "encrypt": True,
        "bucket": "tenant1-states",
    }
    assert (
        hcl_text.backend("s3", body)
        == """\
terraform {
  backend "s3" {
    acl = "bucket-owner-full-control"
    assume_role = {
      duration     = "1h"
      role_arn     = "arn:aws:iam::123456789012:role/states"
      session_name = "states"
    }
    bucket  = "tenant1-states"
    encrypt = true
  }
}
"""
    )


def test_workspaces_of_a_backend_are_a_block() -> None:
    """Terraform refuses them as a value; Terraform Cloud has a block of its own instead of a backend."""
    body = {"organization": "acme", "workspaces": {"prefix": "app-"}}
    block = '    organization = "acme"\n    workspaces {\n      prefix = "app-"\n    }\n  }\n}\n'
    assert hcl_text.backend("remote", body) == 'terraform {\n  backend "remote" {\n' + block
    assert hcl_text.backend("cloud", body) == "terraform {\n  cloud {\n" + block


def test_variables_have_the_older_form() -> None:
    """Blank lines between entries, quoted keys inside of maps, no newline at the end."""
    values = {"name": "x", "count": 2, "tags": {"b": "1", "A-a": None}, "none": {}, "zones": ["a", "b"]}
    assert (
        hcl_text.variables(values)
        == """\
count = 2

name = "x"

none = {}

tags = {
  "A-a" = null

  "b" = "1"
}

zones = ["a", "b"]"""
    )


def test_maps_under_names_of_blocks_become_blocks() -> None:
    """With as many labels as each has; anything else is an attribute."""
    values = {"locals": {"a": 1}, "resource": {"x": {"y": {"tags": {"k": "v"}}}}, "other": {"a": 1}, "z": [1]}
    assert (
        hcl_text.blocks(values)
        == """\
locals {
  a = 1
}
other = {
  a = 1
}
resource "x" "y" {
  tags = {
    k = "v"
  }
}
z = [1]
"""
    )
    with pytest.raises(TypeError, match="variable x is a block"):
        hcl_text.blocks({"variable": {"x": "text"}})


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_is_written_is_read_as_the_same_values(values: dict[str, Any]) -> None:
    """In both forms, whatever the texts hold: quotes, lines, what would be a template."""
    for text in (hcl_text.attributes(values), hcl_text.variables(values)):
        block = hcl.parse(text + "\n", "a.tfvars")
        assert {name: attribute.value for name, attribute in block.attributes.items()} == values


@pytest.mark.slow
def test_terraform_fmt_changes_nothing(tmp_path: Path, require_tool: RequireTool) -> None:
    """Lists of maps, maps in maps and odd keys included."""
    values: dict[str, object] = {
        "a": 1, "long_name": "x\n${y}", "tags": {"A": "x", "B-c": 1.5, "1a": 2, "w x": None}, "empty": {}, "none": [],
        "deep": [{"a": 1, "bbb": {"c": [2, True]}}, [{"q": "é"}], "x"],
    }  # fmt: skip
    (tmp_path / "a.tfvars").write_text(hcl_text.attributes(values))
    (tmp_path / "b.tf").write_text(hcl_text.backend("s3", values) + hcl_text.blocks({"locals": values}))
    command = [str(require_tool("terraform", optional=True)), "fmt", "-check", "-diff", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
