"""Import ids by resource type."""

from __future__ import annotations

import re

import pytest

from gaia.operations import import_ids

POLICY = "arn:aws:iam::123456789012:policy/lab"
ACCOUNT = {"account": "123456789012", "partition": "aws"}


@pytest.mark.parametrize(
    ("kind", "known", "expected"),
    [
        ("aws_s3_bucket", {"bucket": "lab"}, "lab"),
        ("aws_s3_bucket_versioning", {"bucket": "lab"}, "lab"),
        ("aws_s3_bucket_public_access_block", {"bucket": "lab"}, "lab"),
        ("aws_kms_alias", {"name": "alias/lab"}, "alias/lab"),
        ("aws_iam_role", {"name": "lab"}, "lab"),
        ("aws_iam_role_policy", {"role": "lab", "name": "data"}, "lab:data"),
        ("aws_iam_role_policy_attachment", {"role": "lab", "policy_arn": POLICY}, f"lab/{POLICY}"),
        ("aws_iam_policy", {"name": "lab", "path": "/", **ACCOUNT}, POLICY),
        ("aws_iam_policy", {"name": "lab", "path": "/"}, None),
        ("aws_s3_bucket", {"bucket": None}, None),
        ("aws_iam_role_policy_attachment", {"role": "lab"}, None),
        ("aws_kms_key", {"description": "lab"}, None),
        ("aws_unheard_of", {"name": "lab"}, None),
    ],
)
def test_natural_ids_need_every_part(kind: str, known: dict[str, object], expected: str | None) -> None:
    """A natural id is made from known attributes only; one part missing means no id, never a guess."""
    assert import_ids.natural_id(kind, known) == expected


def test_a_reported_id_that_cannot_be_imported_is_not_used() -> None:
    """An attachment reports an id of Terraform's own making; keys and policies report what import takes."""
    assert import_ids.reported_id("aws_iam_role_policy_attachment", "lab-2026") is None
    assert import_ids.reported_id("aws_kms_key", "6dbe6a85") == "6dbe6a85"
    assert import_ids.reported_id("aws_unheard_of", "x-1") == "x-1"
    assert import_ids.reported_id("aws_kms_key", "") is None


def test_tagged_things_are_told_apart_by_their_arn() -> None:
    """Only ARNs of the type count, and give the id that import takes."""
    arns = ["arn:aws:kms:us-east-1:1:key/abc", "arn:aws:s3:::lab", "arn:aws:s3:::lab/object", "arn:aws:kms:x:1:alias/a"]
    assert import_ids.tagged_ids("aws_kms_key", arns) == ("abc",)
    assert import_ids.tagged_ids("aws_s3_bucket", arns) == ("lab",)
    assert import_ids.tagged_ids("aws_iam_role", arns) == ()


@pytest.mark.parametrize("kind", sorted(import_ids.RULES))
def test_every_rule_can_find_its_type(kind: str) -> None:
    """A rule has a natural id or an ARN with one group, and its parent is in the table."""
    rule = import_ids.RULES[kind]
    assert rule.id or rule.arn
    assert not rule.arn or re.compile(rule.arn).groups == 1
    assert rule.parent is None or rule.parent[1] in import_ids.RULES
