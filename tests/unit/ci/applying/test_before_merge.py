"""What was applied before the merge: added up, and told with the next plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gaia.ci.applying.before_merge import (
    BeforeMerge,
    before_merge_of,
    note_before_merge,
)
from gaia.ci.model import Inputs, Part, Preview
from gaia.ci.reports.preview_footer import lines_before_merge
from gaia.ci.storage.kept import Kept
from gaia.ci.storage.store import FolderStore
from gaia.kit.keys import given_key
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.checkout.batch_model import PlannedStatus


def preview(**parts: PlannedStatus) -> Preview:
    """With instances of these statuses."""
    inputs = Inputs("b", "i", "s", "p", "t")
    made = tuple(Part(f"dev/{name}", status, "sha256:1", inputs) for name, status in parts.items())
    return Preview("b" * 40, "h" * 40, made, NormalForm({}, "key-1"), datetime(2026, 11, 30, tzinfo=UTC))


def test_what_was_applied_adds_up(tmp_path: Path) -> None:
    """Over applications of one pull request; the last commit and who asked for it are those that are told."""
    kept = Kept(FolderStore(tmp_path), given_key("0123456789abcdef" * 4))
    assert before_merge_of(kept, 7) == BeforeMerge()
    note_before_merge(kept, 7, BeforeMerge("a" * 40, "ann", ("dev/a", "dev/b")))
    note_before_merge(kept, 7, BeforeMerge("a" * 40, "ann", (), ("dev/a",)))
    note_before_merge(kept, 7, BeforeMerge("b" * 40, "bob", ("dev/b",), ("dev/b",)))
    assert before_merge_of(kept, 7) == BeforeMerge("b" * 40, "bob", ("dev/a", "dev/b"), ("dev/a", "dev/b"))
    assert before_merge_of(kept, 8) == BeforeMerge()


def test_the_next_plan_says_what_it_is_on_top_of() -> None:
    """As the commit says, something else, not touched any more, not there any more; nobody's name as a mention."""
    early = BeforeMerge("c" * 40, "a_b@x", (), ("dev/same", "dev/other", "dev/left", "dev/gone"))
    lines = list(
        lines_before_merge(early, preview(same="unchanged", other="changes"), ["dev/left", "dev/same", "dev/other"])
    )
    assert lines[:3] == ["", "#### Applied before the merge", ""]
    for line, said in zip(
        lines[3:], ("as this commit says", "on top of that", "not touch", "still exists"), strict=True
    ):
        assert said in line
        assert "`cccccccccccc`" in line
        assert "a\\_b\\@x" in line
    assert list(lines_before_merge(BeforeMerge("c", "ann", ("dev/a",)), preview(), [])) == []
