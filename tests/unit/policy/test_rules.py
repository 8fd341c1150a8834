"""Reading a policies folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid
from gaia.policy.rules import PolicySet

from .conftest import METADATA, write

if TYPE_CHECKING:
    from pathlib import Path

GOOD = METADATA + "package gaia.plan.a\n\ndeny contains {} if { false }\n"


def test_metadata_becomes_a_rule(shipped: PolicySet) -> None:
    """Title, severity, controls and remediation of a rule come from its METADATA comment."""
    rule = {rule.name: rule for rule in shipped.rules}["plan.no_public_bucket"]
    assert (rule.title, rule.severity) == ("Buckets are not public", "critical")
    assert "AWS FSBP S3.8" in rule.controls
    assert rule.remediation.startswith("Add an aws_s3_bucket_public_access_block")
    assert rule.effects == ("deny", "undecided")


def test_every_shipped_rule_file_is_complete(shipped: PolicySet) -> None:
    """Each shipped rule has a test file beside it, and a set for values that are not known yet."""
    tests = {module.path for module in shipped.tests}
    for rule in shipped.rules:
        assert rule.path.replace(".rego", "_test.rego") in tests
        assert "undecided" in rule.effects


def test_the_digest_is_over_rules_and_not_over_tests(tmp_path: Path) -> None:
    """A changed rule, library or name changes the digest; a changed test does not."""
    folder = write(tmp_path, {"plan/a.rego": GOOD, "plan/a_test.rego": "package t\n"})
    before = PolicySet.load(folder).digest
    write(folder, {"plan/a_test.rego": "package t\n\ntest_x if true\n"})
    assert PolicySet.load(folder).digest == before
    write(folder, {"plan/a.rego": GOOD + "\n"})
    assert PolicySet.load(folder).digest != before
    assert before.startswith("sha256:")


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        ({}, "policies-missing", None),
        ({"lib/x.rego": "package gaia.lib.x\n"}, "policies-missing", None),
        ({"plan/a.rego": "deny contains 1 if true\n"}, "policy-misplaced", "plan/a.rego:1:1"),
        ({"plans/a.rego": GOOD}, "policy-misplaced", "plans/a.rego:1:1"),
        ({"a.rego": GOOD}, "policy-misplaced", "a.rego:1:1"),
        ({"plan/b.rego": GOOD}, "policy-misplaced", "plan/b.rego:6:1"),
        (
            {"plan/a.rego": METADATA + "package gaia.plan.a\n\nDeny contains 1 if true\n"},
            "policy-without-rules",
            "plan/a.rego:6:1",
        ),
        ({"plan/a.rego": "package gaia.plan.a\n\ndeny contains 1 if true\n"}, "policy-metadata", "plan/a.rego:1:1"),
        ({"plan/a.rego": GOOD.replace("low", "lowish")}, "policy-metadata", "plan/a.rego:1:1"),
        ({"plan/a.rego": GOOD.replace("title: T", "title: [")}, "policy-metadata", "plan/a.rego:1:1"),
    ],
)
def test_a_file_that_would_silently_never_deny_is_an_error(
    tmp_path: Path, files: dict[str, str], code: str, place: str | None
) -> None:
    """A missing folder, a misplaced file, a misspelled rule set or missing METADATA is an error with its place."""
    with pytest.raises(Invalid) as caught:
        PolicySet.load(write(tmp_path / "policies", files))
    assert caught.value.code == code
    assert (str(caught.value.at) if caught.value.at else None) == place


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are refused with the file's name."""
    folder = write(tmp_path, {"plan/a.rego": GOOD})
    (folder / "plan" / "b.rego").write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid) as caught:
        PolicySet.load(folder)
    assert (caught.value.code, str(caught.value.at)) == ("policy-not-text", "plan/b.rego:1:1")
