"""What of a batch is left: written down while it runs, gone when all of it is done."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from gaia.checkout.batch_model import Ended
from gaia.checkout.batch_record import BatchRecord
from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.procfs import Identity
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
def test_a_record_that_cannot_be_read_says_so(tmp_path: Path, text: str) -> None:
    """It was not done, and nobody knows what was left; the next one replaces it."""
    (tmp_path / "batch/apply").mkdir(parents=True)
    (tmp_path / "batch/apply/1.json").write_text(text)
    with pytest.raises(Invalid) as caught:
        BatchRecord(tmp_path, "apply").left()
    assert caught.value.code == "batch-damaged"
    BatchRecord(tmp_path, "apply").begin(KEYS)
    assert BatchRecord(tmp_path, "apply").left() == tuple(KEYS)


def test_two_at_once_have_a_record_each(tmp_path: Path) -> None:
    """One that ends takes nothing from the other; one that runs is not gone on with, and not forgotten by the next."""
    folder = tmp_path / "batch/apply"
    folder.mkdir(parents=True)
    other: dict[str, Any] = {"owner": asdict(Identity.of(os.getppid())), "left": ["dev/elsewhere"]}
    (folder / "1.json").write_text(json.dumps(other))
    with pytest.raises(Conflict) as caught:
        BatchRecord(tmp_path, "apply").left()
    assert caught.value.code == "batch-running"
    record = BatchRecord(tmp_path, "apply")
    record.begin(KEYS[:1])
    record.ended(Ended(KEYS[0], "applied"))
    assert [path.name for path in folder.iterdir()] == ["1.json"]
    other["owner"] |= {"started": 1}  # it has died
    (folder / "1.json").write_text(json.dumps(other))
    assert BatchRecord(tmp_path, "apply").left() == (InstanceKey("dev", "elsewhere"),)
