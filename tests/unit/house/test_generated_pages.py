"""Pages that are made from the code say what the code says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from docs import component_pages, errors, generate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def found() -> tuple[list[errors.Use], list[str]]:
    """Every use of a code in the source, and the places that are unclear."""
    return errors.uses(generate.ROOT / "src/gaia")


@pytest.mark.slow
def test_generated_pages_are_fresh() -> None:
    """Change the code, then `make docs`."""
    assert generate.stale() == [], "run `make docs`"


def test_a_page_of_a_component_shows_what_its_code_says(tmp_path: Path) -> None:
    """What is made, when, and what that needs, through locals too; types on one line; what is refused."""
    folder = tmp_path / "blueprint/components/terraform/thing"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("# thing\n\nA thing. And more.\n")
    (folder / "context.tf").write_text('variable "tenant" {\n  description = "Whose."\n  type = string\n}\n')
    (folder / "versions.tf").write_text(
        'terraform {\n  required_version = ">= 1.11"\n  required_providers {\n'
        '    aws = {\n      source = "hashicorp/aws"\n      version = "~> 5.100"\n    }\n  }\n}\n'
    )
    (folder / "main.tf").write_text("""\
locals {
  key = aws_kms_key.this.arn
}

variable "topics" {
  description = "Who hears."
  type = map(object({
    name = string # as it is shown
    fifo = optional(bool, false)
  }))
  default = {}

  validation {
    condition     = length(var.topics) < 9
    error_message = "topics may be eight."
  }
}

resource "aws_kms_key" "this" {}

resource "aws_sns_topic" "this" {
  for_each          = var.topics
  kms_master_key_id = local.key
}

resource "aws_sns_topic" "more" {
  count = var.tenant == "" ? 1 : 0
}
""")
    pages = component_pages.pages(tmp_path)
    assert set(pages) == {"docs/components/README.md", "docs/components/thing.md"}
    page = pages["docs/components/thing.md"]
    assert 'r0["aws_kms_key<br/><b>this</b>"]\n' in page
    assert 'r2["aws_sns_topic<br/><b>this</b>"]:::some\n' in page
    assert re.findall(r"r\d --> r\d", page) == ["r0 --> r2"]
    assert "| hashicorp/aws | `~> 5.100` |" in page
    assert '| `aws_sns_topic.more` | main.tf | if `var.tenant == ""` |' in page
    assert "| `topics` | `map(object({ name = string, fifo = optional(bool, false) }))` | `{}` | Who hears. |" in page
    assert "`tenant`" not in page
    assert "* `topics`: topics may be eight." in page
    assert "| [thing](thing.md) | A thing. | 3 | 1 |" in pages["docs/components/README.md"]


def test_every_error_has_a_code_that_can_be_read_from_the_source(found: tuple[list[errors.Use], list[str]]) -> None:
    """A code that is computed could not be documented, nor searched for."""
    assert found[1] == []


def test_codes_are_words_with_hyphens(found: tuple[list[errors.Use], list[str]]) -> None:
    """Scripts match on them, so they look like one thing everywhere."""
    assert [use for use in found[0] if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", use.code)] == []


def test_a_code_means_one_kind_of_failure(found: tuple[list[errors.Use], list[str]]) -> None:
    """The exit code and the HTTP status follow from the code alone."""
    kinds: dict[str, set[str]] = {}
    for use in found[0]:
        kinds.setdefault(use.code, set()).add(use.kind)
    assert {code: kinds for code, kinds in kinds.items() if len(kinds) > 1} == {}


def test_codes_are_found_wherever_they_are_given(tmp_path: Path) -> None:
    """Literals, choices, local names, and functions that get the code from their caller; the rest is reported."""
    (tmp_path / "room.py").write_text(
        """
from gaia.errors import Conflict, Invalid, NotFound

def plain(name):
    raise Invalid("one", f"no {name}", next_step="")

def choice(yes):
    return NotFound("two" if yes else "three", "x", next_step="")

def local():
    code, message = "four", "x"
    raise Invalid(code, "x", next_step="")

class Thing:
    def _made(self, message, code):
        return Conflict(code=code, message=message, next_step="")

    def use(self):
        raise self._made("x", "five")

def computed(word):
    raise Invalid("six-" + word, "x", next_step="")
"""
    )
    found, unclear = errors.uses(tmp_path)
    assert {(use.code, use.kind) for use in found} == {
        ("one", "Invalid"),
        ("two", "NotFound"),
        ("three", "NotFound"),
        ("four", "Invalid"),
        ("five", "Conflict"),
    }
    assert unclear == ["gaia.room:22"]
    assert next(use.message for use in found if use.code == "one") == "no {name}"
