"""The files of a preview say what the comment says."""

from __future__ import annotations

from gaia.ci.reports.artifacts import told
from gaia.policy.model import Finding

NO = Finding("aws.s3", "deny", "It is open", "high", "the bucket is open", "dev/web aws_s3_bucket.this", (), "")


def test_rules_that_only_report_fail_no_case() -> None:
    """Where what they found refuses nothing a red case would say something else than the comment does."""
    assert told(NO, refused=False).effect == "warn"
    assert told(NO, refused=True) == NO
