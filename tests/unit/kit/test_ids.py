"""gaia.kit.ids."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid
from gaia.kit import ids


@pytest.mark.parametrize("prefix", ids.PREFIXES)
def test_an_id_is_its_prefix_and_a_version_7_uuid(prefix: str) -> None:
    """What follows the prefix parses as a UUID of version 7 and RFC variant."""
    head, _, tail = ids.new_id(prefix).partition("_")
    assert head == prefix
    parsed = uuid.UUID(tail)
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


def test_ids_sort_by_the_time_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made 250 nanoseconds later has a greater id, whatever the random part."""
    made = []
    for moment in (0, 250, 999_750, 1_000_000, 1_000_250, 2_000_000, 1_764_000_000_000_000_000):
        monkeypatch.setattr("gaia.kit.ids.time.time_ns", lambda at=moment: at)
        made.append(ids.new_id("run"))
    assert made == sorted(made)


def test_ids_differ() -> None:
    """A thousand ids of one moment are a thousand different ones."""
    assert len({ids.new_id("req") for _ in range(1000)}) == 1000


def test_an_unknown_prefix_is_a_mistake_of_the_caller() -> None:
    """Only the listed prefixes exist."""
    with pytest.raises(ValueError, match="nope"):
        ids.new_id("nope")


@pytest.mark.parametrize("name", ["a", "0", "media-store", "a" * 63, "a-"])
def test_names_by_the_house_rule_are_accepted(name: str) -> None:
    """The name itself comes back."""
    assert ids.check_name(name, "service") == name


@pytest.mark.parametrize("name", ["", "A", "-a", "a" * 64, "a_b", "a b", "a\n", "é", "../a"])
def test_other_names_are_refused_with_the_rule(name: str) -> None:
    """The error names the thing, the value and the rule."""
    with pytest.raises(Invalid) as caught:
        ids.check_name(name, "service")
    assert caught.value.code == "name-invalid"
    assert repr(name) in caught.value.message
    assert "63" in caught.value.next_step


@given(st.text())
def test_whatever_is_accepted_is_safe_in_a_path(name: str) -> None:
    """No accepted name holds a separator, a dot, a blank or a capital."""
    try:
        ids.check_name(name, "service")
    except Invalid:
        return
    assert not set(name) & set("/\\. \n")
    assert name == name.lower()
