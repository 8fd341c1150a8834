"""What of a batch is left: written down while it runs, gone when all of it is done."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from gaia.checkout.batch_record import BatchRecord, strike
from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.procfs import Identity
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = {"stack": "dev", "component": "elsewhere"}
KEYS = [InstanceKey("dev", name) for name in ("net", "shop", "free")]


def test_what_did_not_end_well_is_left(tmp_path: Path) -> None:
    """In the order in which it was begun; another process reads it, and another act has one of its own."""
    record = BatchRecord(tmp_path, "apply")
    record.begin(KEYS, "-s dev")
    record.done(KEYS[0])
    assert BatchRecord(tmp_path, "apply").left().keys == (KEYS[1], KEYS[2])
    assert BatchRecord(tmp_path, "apply").left().words == "-s dev"
    with pytest.raises(NotFound) as caught:
        BatchRecord(tmp_path, "destroy").left()
    assert caught.value.code == "batch-none"


def test_nothing_is_left_of_what_was_done(tmp_path: Path) -> None:
    """A batch of nobody leaves nothing either."""
    record = BatchRecord(tmp_path, "apply")
    record.begin(KEYS[:2])
    record.done(KEYS[0])
    record.done(KEYS[1])
    record.done(KEYS[1])
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
    assert BatchRecord(tmp_path, "apply").left().keys == tuple(KEYS)


def test_two_at_once_have_a_record_each(tmp_path: Path) -> None:
    """One that ends takes nothing from the other; one that runs is not gone on with, and not forgotten by the next."""
    folder = tmp_path / "batch/apply"
    folder.mkdir(parents=True)
    other: dict[str, Any] = {
        "owner": asdict(Identity.of(os.getppid())),
        "words": "",
        "since": "2026-11-29T20:00:00Z",
        "left": [ELSEWHERE],
    }
    (folder / "1.json").write_text(json.dumps(other))
    with pytest.raises(Conflict) as caught:
        BatchRecord(tmp_path, "apply").left()
    assert caught.value.code == "batch-running"
    record = BatchRecord(tmp_path, "apply")
    record.begin(KEYS[:1])
    record.done(KEYS[0])
    assert [path.name for path in folder.iterdir()] == ["1.json"]
    other["owner"] |= {"started": 1}  # it has died
    (folder / "1.json").write_text(json.dumps(other))
    assert BatchRecord(tmp_path, "apply").left().keys == (InstanceKey("dev", "elsewhere"),)


def test_slashes_in_names_lead_to_no_other_instance(tmp_path: Path) -> None:
    """Stacks' names may hold them as well as components'."""
    keys = (InstanceKey("org/dev", "net"), InstanceKey("org", "dev/net"))
    BatchRecord(tmp_path, "destroy").begin(keys)
    assert BatchRecord(tmp_path, "destroy").left().keys == keys
    strike(tmp_path, "apply", keys[:1])
    assert BatchRecord(tmp_path, "destroy").left().keys == keys[1:]


def test_who_does_the_opposite_ends_what_was_left(tmp_path: Path) -> None:
    """Of one that has ended: one that runs keeps its own. What cannot be read is let be."""
    folder = tmp_path / "batch/destroy"
    strike(tmp_path, "apply", KEYS)
    assert not folder.exists()
    BatchRecord(tmp_path, "destroy").begin(KEYS)
    (folder / "1.json").write_text("{")
    living: dict[str, Any] = {"owner": asdict(Identity.of(os.getppid())), "left": [asdict(KEYS[0])]}
    (folder / "2.json").write_text(json.dumps(living))
    strike(tmp_path, "apply", KEYS[:2])
    [mine] = folder.glob(f"{os.getpid()}.json")
    assert [one["component"] for one in json.loads(mine.read_text())["left"]] == ["free"]
    assert json.loads((folder / "2.json").read_text()) == living
    BatchRecord(tmp_path, "apply").begin(KEYS)
    assert sorted(path.name for path in folder.glob("*.json")) == ["1.json", "2.json"]
