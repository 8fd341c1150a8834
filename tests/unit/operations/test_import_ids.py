"""Import ids by resource type."""

from __future__ import annotations

import re

import pytest

from gaia.operations import import_ids

POLICY = "arn:aws:iam::123456789012:policy/lab"
BUCKET_PARTS = """
accelerate_configuration cors_configuration lifecycle_configuration logging notification object_lock_configuration
ownership_controls policy public_access_block request_payment_configuration server_side_encryption_configuration
versioning website_configuration
"""
SECRET = "arn:aws:secretsmanager:us-east-1:1:secret:lab-x"
ACCOUNT = {"account": "123456789012", "partition": "aws"}


@pytest.mark.parametrize(
    ("kind", "known", "expected"),
    [
        ("aws_s3_bucket", {"bucket": "lab"}, "lab"),
        *((f"aws_s3_bucket_{part}", {"bucket": "lab"}, "lab") for part in BUCKET_PARTS.split()),
        ("aws_cloudwatch_log_group", {"name": "/lab"}, "/lab"),
        ("aws_dynamodb_table", {"name": "lab"}, "lab"),
        ("aws_iam_instance_profile", {"name": "lab"}, "lab"),
        ("aws_iam_user", {"name": "lab"}, "lab"),
        ("aws_ssm_parameter", {"name": "/lab/a"}, "/lab/a"),
        ("aws_kms_alias", {"name": "alias/lab"}, "alias/lab"),
        ("aws_iam_role", {"name": "lab"}, "lab"),
        ("aws_iam_role_policy", {"role": "lab", "name": "data"}, "lab:data"),
        ("aws_iam_role_policy_attachment", {"role": "lab", "policy_arn": POLICY}, f"lab/{POLICY}"),
        ("aws_iam_policy", {"name": "lab", "path": "/", **ACCOUNT}, POLICY),
        ("aws_iam_policy", {"name": "lab", "path": "/"}, None),
        ("aws_s3_bucket", {"bucket": None}, None),
        ("aws_s3_bucket", {"bucket": ""}, None),
        ("aws_s3_bucket", {"bucket": 7}, None),
        ("aws_sns_topic", {"name": "lab"}, None),
        ("aws_secretsmanager_secret", {"name": "lab"}, None),
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
    assert import_ids.tagged_ids("aws_unheard_of", arns) == ()
    many = [f"arn:aws:s3:::{name}" for name in ("lab", "c", "b", "a", "e", "d", "lab")]
    assert import_ids.tagged_ids("aws_s3_bucket", many) == ("a", "b", "c", "d", "e", "lab")


@pytest.mark.parametrize(
    ("kind", "arn", "found"),
    [
        ("aws_cloudwatch_log_group", "arn:aws:logs:us-east-1:1:log-group:/lab", "/lab"),
        ("aws_cloudwatch_log_group", "arn:aws:logs:us-east-1:1:log-group:/lab:*", "/lab"),
        ("aws_dynamodb_table", "arn:aws:dynamodb:us-east-1:1:table/lab", "lab"),
        ("aws_dynamodb_table", "arn:aws:dynamodb:us-east-1:1:table/lab/index/a", None),
        (
            "aws_secretsmanager_secret",
            "arn:aws:secretsmanager:us-east-1:1:secret:lab-x",
            "arn:aws:secretsmanager:us-east-1:1:secret:lab-x",
        ),
        ("aws_sns_topic", "arn:aws:sns:us-east-1:1:lab", "arn:aws:sns:us-east-1:1:lab"),
        ("aws_sns_topic", "arn:aws:sns:us-east-1:1:lab:subscription", None),
        ("aws_kms_key", "arn:aws-cn:kms:cn-north-1:1:key/mrk-1", "mrk-1"),
        ("aws_s3_bucket", "arn:aws-cn:s3:::lab", "lab"),
    ],
)
def test_what_the_tag_finds(kind: str, arn: str, found: str | None) -> None:
    """The whole ARN has to be of the type; it gives the id that import takes."""
    assert import_ids.found_by_tag(kind)
    assert import_ids.tagged_ids(kind, [arn]) == ((found,) if found else ())


def test_what_the_tag_does_not_find_is_not_searched_by_it() -> None:
    """Nothing found would prove nothing."""
    assert not any(map(import_ids.found_by_tag, ("aws_iam_role", "aws_kms_alias", "aws_s3_bucket_policy", "aws_x")))
    assert [kind for kind in import_ids.RULES if import_ids.needs_account(kind)] == ["aws_iam_policy"]
    assert not import_ids.needs_account("aws_unheard_of")


def test_things_without_tags_belong_to_whom_they_name() -> None:
    """Which attribute names whom."""
    parents = {kind: rule.parent for kind, rule in import_ids.RULES.items() if rule.parent}
    bucket = ("bucket", "aws_s3_bucket", "bucket")
    role = ("role", "aws_iam_role", "name")
    assert parents == {
        **{f"aws_s3_bucket_{part}": bucket for part in BUCKET_PARTS.split()},
        "aws_iam_role_policy": role,
        "aws_iam_role_policy_attachment": role,
        "aws_kms_alias": ("target_key_id", "aws_kms_key", "key_id"),
    }


@pytest.mark.parametrize("kind", sorted(import_ids.RULES))
def test_every_rule_can_find_its_type(kind: str) -> None:
    """A rule has a natural id or an ARN with one group, and its parent is in the table."""
    rule = import_ids.RULES[kind]
    assert rule.id or rule.arn
    assert not rule.arn or re.compile(rule.arn).groups == 1
    assert rule.parent is None or rule.parent[1] in import_ids.RULES


def test_what_terraform_does_not_know_as_text_is_no_part_of_an_id() -> None:
    """A number, a list or nothing would be written into the id as it is printed."""
    others: list[object] = [5, ["lab"], "", False]
    for other in others:
        assert import_ids.natural_id("aws_s3_bucket", {"bucket": other}) is None


@pytest.mark.parametrize(
    "part",
    [
        "accelerate_configuration", "cors_configuration", "lifecycle_configuration", "logging", "notification",
        "object_lock_configuration", "ownership_controls", "policy", "public_access_block",
        "request_payment_configuration", "server_side_encryption_configuration", "versioning", "website_configuration",
    ],
)  # fmt: skip
def test_every_part_of_a_bucket_is_the_buckets(part: str) -> None:
    """It is imported by the bucket's name, and belongs to whoever the bucket belongs to."""
    rule = import_ids.RULES[f"aws_s3_bucket_{part}"]
    assert import_ids.natural_id(f"aws_s3_bucket_{part}", {"bucket": "lab"}) == "lab"
    assert (rule.parent, rule.arn, rule.reported) == (("bucket", "aws_s3_bucket", "bucket"), "", True)


@pytest.mark.parametrize(
    "kind",
    [
        "aws_cloudwatch_log_group", "aws_dynamodb_table", "aws_iam_instance_profile", "aws_iam_role", "aws_iam_user",
        "aws_kms_alias", "aws_ssm_parameter",
    ],
)  # fmt: skip
def test_what_has_a_name_is_imported_by_it(kind: str) -> None:
    """As the provider's documentation says."""
    assert import_ids.natural_id(kind, {"name": "lab"}) == "lab"


@pytest.mark.parametrize(
    ("kind", "arn", "expected"),
    [
        ("aws_cloudwatch_log_group", "arn:aws:logs:us-east-1:123:log-group:/lab/a:*", "/lab/a"),
        ("aws_cloudwatch_log_group", "arn:aws:logs:us-east-1:123:log-group:/lab/a", "/lab/a"),
        ("aws_dynamodb_table", "arn:aws:dynamodb:us-east-1:123:table/lab", "lab"),
        ("aws_dynamodb_table", "arn:aws:dynamodb:us-east-1:123:table/lab/index/a", None),
        ("aws_kms_key", "arn:aws-cn:kms:cn-north-1:123:key/abc", "abc"),
        ("aws_s3_bucket", "arn:aws:s3:::lab", "lab"),
        ("aws_secretsmanager_secret", "arn:aws:secretsmanager:us-east-1:123:secret:lab-a", True),
        ("aws_sns_topic", "arn:aws:sns:us-east-1:123:lab", True),
        ("aws_sns_topic", "arn:aws:sns:us-east-1:123:lab:subscription", None),
    ],
)
def test_a_tag_finds_things_by_their_arn(kind: str, arn: str, expected: str | bool | None) -> None:
    """The id is a part of the ARN, or the whole of it."""
    wanted = arn if expected is True else expected
    assert import_ids.tagged_ids(kind, [arn, arn, "arn:aws:other:us-east-1:123:x"]) == ((wanted,) if wanted else ())


def test_what_the_tag_finds_and_what_needs_the_account_is_told() -> None:
    """Of types that nobody has heard of, nothing is known."""
    assert import_ids.tagged_ids("aws_unheard_of", ["arn:aws:s3:::lab"]) == ()
    assert {kind for kind in (*import_ids.RULES, "aws_unheard_of") if import_ids.found_by_tag(kind)} == {
        "aws_cloudwatch_log_group", "aws_dynamodb_table", "aws_kms_key", "aws_s3_bucket", "aws_secretsmanager_secret",
        "aws_sns_topic",
    }  # fmt: skip
    assert [kind for kind in (*import_ids.RULES, "aws_unheard_of") if import_ids.needs_account(kind)] == [
        "aws_iam_policy"
    ]


def test_what_belongs_to_something_else_is_told_by_it() -> None:
    """(attribute, parent's type, its attribute)."""
    parents = {kind: rule.parent for kind, rule in import_ids.RULES.items() if rule.parent and "s3" not in kind}
    assert parents == {
        "aws_iam_role_policy": ("role", "aws_iam_role", "name"),
        "aws_iam_role_policy_attachment": ("role", "aws_iam_role", "name"),
        "aws_kms_alias": ("target_key_id", "aws_kms_key", "key_id"),
    }
