"""What of a batch is left: written down while it runs, gone when all of it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.checkout.batch_model import Ended
from gaia.checkout.batch_record import BatchRecord
from gaia.errors import NotFound
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from pathlib import Path

KEYS = [InstanceKey("dev", name) for name in ("net", "shop", "free")]


def test_what_did_not_end_well_is_left(tmp_path: Path) -> None:
    """In the order in which it was begun; another process reads it, and another act has one of its own."""
    record = BatchRecord(tmp_path, "apply")
    record.begin(KEYS)
    record.ended(Ended(KEYS[0], "applied"))
    record.ended(Ended(KEYS[1], "failed"))
    assert BatchRecord(tmp_path, "apply").left() == (KEYS[1], KEYS[2])
    with pytest.raises(NotFound) as caught:
        BatchRecord(tmp_path, "destroy").left()
    assert caught.value.code == "batch-none"


def test_nothing_is_left_of_what_was_done(tmp_path: Path) -> None:
    """What is as the stacks say is done too; a batch of nobody leaves nothing either."""
    record = BatchRecord(tmp_path, "apply")
    record.begin(KEYS[:2])
    record.ended(Ended(KEYS[0], "unchanged"))
    record.ended(Ended(KEYS[1], "applied"))
    record.ended(Ended(KEYS[1], "applied"))
    for _ in range(2):
        with pytest.raises(NotFound, match="the last apply of several instances here was done"):
            record.left()
        record.begin(())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"left": 3}', '{"left": ["nothing"]}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    """It only saves typing: what is left can be selected anew."""
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch/apply.json").write_text(text)
    with pytest.raises(NotFound):
        BatchRecord(tmp_path, "apply").left()
