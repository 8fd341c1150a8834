"""gaia.errors."""

from __future__ import annotations

import pytest

from gaia import errors
from gaia.errors import GaiaError, Invalid, Position

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GaiaError)]


def test_the_machine_form_has_every_part() -> None:
    """Doors print exactly this."""
    error = Invalid("x-y", "no", next_step="Do it.", at=Position("a.yaml", 3, 7), facts={"n": 1})
    assert error.as_json() == {
        "error": "x-y",
        "message": "no",
        "next_step": "Do it.",
        "at": "a.yaml:3:7",
        "facts": {"n": 1},
    }
    assert str(error) == "no"


def test_a_place_is_optional() -> None:
    """An error that is in no file has no place."""
    assert Invalid("x", "no", next_step="Do it.").as_json()["at"] is None


def test_facts_are_a_copy() -> None:
    """Changing what was handed in does not change the error."""
    facts: dict[str, object] = {"n": 1}
    error = Invalid("x", "no", next_step="Do it.", facts=facts)
    facts["n"] = 2
    assert error.facts["n"] == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_has_an_exit_code_and_a_status(kind: type[GaiaError]) -> None:
    """Exit codes are those a shell can see (and not 126 and up, which mean other things); statuses are errors."""
    assert 1 <= kind.exit_code < 126
    assert 400 <= kind.http_status < 600
    assert kind.__doc__


def test_kinds_have_exit_codes_of_their_own() -> None:
    """A script can tell the kinds apart; one that is a kind of another differs from it by its HTTP status alone."""
    whole = [kind for kind in KINDS if GaiaError in (kind, *kind.__bases__)]
    assert len({kind.exit_code for kind in whole}) == len(whole)
    assert len({(kind.exit_code, kind.http_status) for kind in KINDS}) == len(KINDS)


def test_places_sort_by_file_line_and_column() -> None:
    """Lists of findings come in reading order."""
    assert sorted([Position("b", 1), Position("a", 10), Position("a", 2, 5), Position("a", 2, 1)]) == [
        Position("a", 2, 1),
        Position("a", 2, 5),
        Position("a", 10),
        Position("b", 1),
    ]
