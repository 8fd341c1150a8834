"""checkov over the blueprint's components: nothing fails but what somebody has accepted, with a reason."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from docs import audit

from gaia.policy.model import SEVERITIES

if TYPE_CHECKING:
    from pathlib import Path

OPEN = audit.Failed("CKV_NEW_1", "/kms/main.tf", "module.key.aws_kms_key.this")


def test_the_record_is_what_checkov_finds(tmp_path: Path) -> None:
    """A scan with the pinned checkov finds what is recorded, so the page says what the scanner says."""
    if not audit.CHECKOV.exists():
        pytest.skip("checkov is not installed (`make tools`)")
    found = audit.scan(tmp_path)
    assert list(audit.problems(found)) == []
    assert found == audit.recorded(), "run `make audit`"


def test_nothing_is_open() -> None:
    """Each failed check has a reviewed row, each row a failed check, each id a row, and each component was judged."""
    assert list(audit.problems(audit.recorded())) == []


def test_rows_are_complete() -> None:
    """A severity that the page knows and a title for each check; one row for each accepted thing, with a reason."""
    assert [name for name, check in audit.checks().items() if check.severity not in SEVERITIES or not check.title] == []
    rows = [(skip.check, skip.component, skip.resource) for skip in audit.skips()]
    assert len(set(rows)) == len(rows)
    assert [skip for skip in audit.skips() if len(skip.reason.split()) < 5] == []


def test_an_unknown_check_counts_as_high() -> None:
    """A check that nobody has judged fails the test and stands on the page as high."""
    scan = audit.recorded()
    found = replace(scan, failed=(*scan.failed, OPEN), checks=(*scan.checks, OPEN.check))
    assert list(audit.problems(found)) == [
        "high: CKV_NEW_1 fails for aws_kms_key.this of kms",
        "checks.toml has no row for CKV_NEW_1",
    ]
    assert "| high | CKV_NEW_1 | not in the table of checks |  | kms | `aws_kms_key.this` |" in audit.page(found)
    assert "CKV_NEW_1" not in audit.baseline(found)


def test_a_row_that_matches_nothing_is_a_problem() -> None:
    """What was repaired is not accepted any longer; a component that no check judged is no good component."""
    scan = audit.recorded()
    found = replace(scan, failed=(), components=tuple(name for name in scan.components if name != "kms"))
    said = list(audit.problems(found))
    assert len(said) == len(audit.skips()) + 1
    assert said[0].startswith("a row of skips.toml matches nothing: ")
    assert said[-1] == "no check judged the component kms"


def test_a_row_covers_the_resources_that_it_names() -> None:
    """`*` stands for anything, a bracket for itself."""
    row = audit.Skip("CKV_1", "*", 'aws_secret.this["a"]', "")
    assert row.covers(audit.Failed("CKV_1", "/secrets/main.tf", 'module.b.aws_secret.this["a"]'))
    assert not row.covers(audit.Failed("CKV_1", "/secrets/main.tf", "aws_secret.this[a]"))
    assert not row.covers(audit.Failed("CKV_2", "/secrets/main.tf", 'aws_secret.this["a"]'))


def test_the_baseline_holds_what_is_accepted() -> None:
    """The scan of a platform repository reports what is new there, and not what is accepted here."""
    record = audit.recorded()
    rows = json.loads(audit.baseline(record))["failed_checks"]
    listed = {
        audit.Failed(check, row["file"], found["resource"])
        for row in rows
        for found in row["findings"]
        for check in found["check_ids"]
    }
    assert listed == set(record.failed)
