"""What may exist outside of the state after an application that did not end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.kit.lines import LinesAt
from gaia.operations.journal import Journal
from gaia.operations.unfinished import doubtful

if TYPE_CHECKING:
    from pathlib import Path

KEY = {"address": "module.null_label.aws_kms_key.this", "type": "aws_kms_key", "action": "create"}
NOTE = {"address": 'module.a["x.y"].terraform_data.this', "type": "terraform_data", "action": "create"}
PLANNED = [[KEY["address"], ["create"]], [NOTE["address"], ["create"]], ["aws_s3_bucket.this", ["update"]]]
SEEN = {"address": "aws_iam_role.seen", "action": "unknown"}
GOING = {"address": "aws_s3_bucket.going", "type": "aws_s3_bucket", "action": "delete"}
CHANGED = {"address": "aws_s3_bucket.changed", "type": "aws_s3_bucket", "action": "update"}
BEGIN = ("begin", {"operation": "apply", "instance": "dev/key"})
APPLYING = ("applying", {"digest": "d", "changes": PLANNED})
PARKED = ("outcome", {"status": "parked"})
OTHER = {"address": "aws_s3_bucket.other", "type": "aws_s3_bucket", "action": "create"}
LOGGED = {"address": "aws_s3_bucket.logged", "type": "aws_s3_bucket"}
CHANGED = {"address": "aws_s3_bucket.this", "type": "aws_s3_bucket", "action": "update", "id": "lab"}
SAVED: tuple[str, dict[str, object]] = ("saved", {})
Line = tuple[str, dict[str, object]]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], ()),
        ([BEGIN, PARKED], ()),
        ([BEGIN, APPLYING], (KEY["address"],)),
        ([BEGIN, APPLYING, ("start", KEY), ("complete", {**KEY, "id": "k"}), PARKED], (KEY["address"],)),
        ([BEGIN, APPLYING, ("start", KEY), ("complete", {**KEY, "id": "k"}), SAVED, PARKED], ()),
        ([BEGIN, APPLYING, ("start", KEY), ("failed", KEY), SAVED, PARKED], ()),
        ([BEGIN, APPLYING, ("start", KEY), ("failed", KEY), ("unanswered", KEY), SAVED, PARKED], (KEY["address"],)),
        ([BEGIN, APPLYING, ("start", OTHER)], (OTHER["address"], KEY["address"])),
        ([BEGIN, APPLYING, ("start", LOGGED), SAVED, PARKED], (LOGGED["address"],)),
        ([BEGIN, ("applying", {"plan": "x"}), ("start", KEY)], (KEY["address"],)),
        ([BEGIN, APPLYING, ("start", CHANGED), SAVED, PARKED], ()),
        ([BEGIN, APPLYING, ("start", NOTE), ("failed", NOTE), ("unanswered", NOTE), SAVED, PARKED], ()),
        ([BEGIN, APPLYING, ("start", KEY), ("outcome", {"status": "applied"})], ()),
        ([BEGIN, APPLYING, ("start", SEEN)], (SEEN["address"], KEY["address"])),
        ([BEGIN, APPLYING, ("start", SEEN), SAVED], (SEEN["address"],)),
        ([BEGIN, APPLYING, ("start", GOING), ("start", CHANGED), SAVED], ()),
        ([BEGIN, APPLYING, ("start", GOING), ("start", CHANGED)], (KEY["address"],)),
        ([BEGIN, APPLYING, ("recovered", {"did": "x", "changes": []})], (KEY["address"],)),
        ([BEGIN, APPLYING, ("applying", {"changes": [["data.aws_x.y", ["create"]]]})], ()),
        ([("begin", {"operation": "destroy", "instance": "dev/key"}), APPLYING, ("start", KEY)], ()),
    ],
)
def test_what_is_in_doubt(tmp_path: Path, entries: list[Line], expected: tuple[str, ...]) -> None:
    """Creations whose state was not seen saved, and those that nobody answered; never what lives in the state alone."""
    journal = Journal(LinesAt(tmp_path / "journal.jsonl"))
    for kind, facts in entries:
        journal.append(kind, **facts)
    assert doubtful(LinesAt(tmp_path / "journal.jsonl")) == expected


def test_no_journal_leaves_no_doubt(tmp_path: Path) -> None:
    """Nothing was begun."""
    assert doubtful(LinesAt(tmp_path / "none.jsonl")) == ()
