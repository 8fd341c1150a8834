"""Pages that are made from the code say what the code says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from docs import errors, generate

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
