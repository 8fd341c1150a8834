"""What `import` needs to know of each resource type: its import id, and how a thing found is told to be ours.

Pure. The ids are those of the "Import" section of each type's page in the AWS provider's documentation (5.x). A type
that is not here can only be imported by the id that its creation reported; where even that is not known it is parked.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

INSTANCE_TAG = "gaia:instance"
"""Tag whose value is STACK/COMPONENT; manifests set it in `vars.tags`."""


@dataclass(frozen=True, slots=True)
class ImportRule:
    """How one resource type is found again."""

    id: str = ""
    """Template of the import id over attributes that are known before creation, and `account` and `partition`."""
    arn: str = ""
    """Regular expression for ARNs of this type, whose first group is the import id; empty: the tag does not find it."""
    parent: tuple[str, str, str] | None = None
    """(attribute, parent's type, its attribute) of a thing without tags: where both are equal, it is the parent's."""
    reported: bool = True
    """Whether the id that creation reports is the import id."""


_OF_BUCKET = ImportRule("{bucket}", parent=("bucket", "aws_s3_bucket", "bucket"))

RULES: Mapping[str, ImportRule] = {
    "aws_cloudwatch_log_group": ImportRule("{name}", arn=r"arn:[^:]+:logs:[^:]+:\d+:log-group:(.+?)(?::\*)?"),
    "aws_dynamodb_table": ImportRule("{name}", arn=r"arn:[^:]+:dynamodb:[^:]+:\d+:table/([^/]+)"),
    "aws_iam_instance_profile": ImportRule("{name}"),
    "aws_iam_policy": ImportRule("arn:{partition}:iam::{account}:policy{path}{name}"),
    "aws_iam_role": ImportRule("{name}"),
    "aws_iam_role_policy": ImportRule("{role}:{name}", parent=("role", "aws_iam_role", "name")),
    "aws_iam_role_policy_attachment": ImportRule(
        "{role}/{policy_arn}", parent=("role", "aws_iam_role", "name"), reported=False
    ),
    "aws_iam_user": ImportRule("{name}"),
    "aws_kms_alias": ImportRule("{name}", parent=("target_key_id", "aws_kms_key", "key_id")),
    "aws_kms_key": ImportRule(arn=r"arn:[^:]+:kms:[^:]+:\d+:key/(.+)"),
    "aws_s3_bucket": ImportRule("{bucket}", arn=r"arn:[^:]+:s3:::([^/]+)"),
    "aws_s3_bucket_accelerate_configuration": _OF_BUCKET,
    "aws_s3_bucket_cors_configuration": _OF_BUCKET,
    "aws_s3_bucket_lifecycle_configuration": _OF_BUCKET,
    "aws_s3_bucket_logging": _OF_BUCKET,
    "aws_s3_bucket_notification": _OF_BUCKET,
    "aws_s3_bucket_object_lock_configuration": _OF_BUCKET,
    "aws_s3_bucket_ownership_controls": _OF_BUCKET,
    "aws_s3_bucket_policy": _OF_BUCKET,
    "aws_s3_bucket_public_access_block": _OF_BUCKET,
    "aws_s3_bucket_request_payment_configuration": _OF_BUCKET,
    "aws_s3_bucket_server_side_encryption_configuration": _OF_BUCKET,
    "aws_s3_bucket_versioning": _OF_BUCKET,
    "aws_s3_bucket_website_configuration": _OF_BUCKET,
    "aws_secretsmanager_secret": ImportRule(arn=r"(arn:[^:]+:secretsmanager:[^:]+:\d+:secret:.+)"),
    "aws_sns_topic": ImportRule(arn=r"(arn:[^:]+:sns:[^:]+:\d+:[^:]+)"),
    "aws_ssm_parameter": ImportRule("{name}"),
}


def natural_id(kind: str, known: Mapping[str, object]) -> str | None:
    """The import id of a resource of type `kind` from its known attributes (and `account`, `partition`), or None."""
    rule = RULES.get(kind)
    if rule is None or not rule.id:
        return None
    values: dict[str, str] = {}
    for name in filter(None, (name for _, name, _, _ in string.Formatter().parse(rule.id))):
        value = known.get(name)
        if not isinstance(value, str) or not value:
            return None
        values[name] = value
    return rule.id.format_map(values)


def reported_id(kind: str, reported: str) -> str | None:
    """The import id for a resource whose creation reported the id `reported`, or None when that is not importable."""
    rule = RULES.get(kind)
    if rule is not None and not rule.reported:
        return None
    return reported or None


def tagged_ids(kind: str, arns: Iterable[str]) -> tuple[str, ...]:
    """Import ids of the resources of type `kind` among ARNs of things that have our tag, sorted."""
    rule = RULES.get(kind)
    if rule is None or not rule.arn:
        return ()
    matches = (re.fullmatch(rule.arn, arn) for arn in arns)
    return tuple(sorted({match.group(1) for match in matches if match}))


def found_by_tag(kind: str) -> bool:
    """Whether the tag finds this type, so that nothing found means that nothing exists."""
    rule = RULES.get(kind)
    return rule is not None and bool(rule.arn)


def needs_account(kind: str) -> bool:
    """Whether the natural id holds the account's number."""
    rule = RULES.get(kind)
    return rule is not None and "{account}" in rule.id
