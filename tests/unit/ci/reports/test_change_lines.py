"""The lines of one resource in the comment."""

from __future__ import annotations

from gaia.ci.reports.change_lines import change_lines
from gaia.platform.model import Change


def lines(before: object, after: object) -> list[str]:
    """Of one attribute."""
    return list(change_lines(Change("web/dev", "a.b", "a", "update", {"x": before}, {"x": after})))[1:]


def test_where_two_long_values_differ_is_seen() -> None:
    """However far inside that is, with how much is left out on both sides; of equal beginnings too."""
    same = "a" * 5000
    old, new = lines(f"{same}good{same}", f"{same}evil{same}")
    assert "good" in old
    assert "evil" in new
    assert "4,941 characters, the same" in new
    assert new.endswith("more characters")
    assert len(new) < 450
    old, new = lines(same, f"{same}more")
    assert "amore" in new
    assert old != new


def test_short_values_are_shown_whole_and_long_new_ones_from_their_beginning() -> None:
    """With how much more there is."""
    assert lines("a", "b") == ['-     x = "a"', '+     x = "b"']
    [new] = lines(None, "b" * 1000)
    assert new.startswith('+     x = "bbb')
    assert new.endswith(" … 702 more characters")
