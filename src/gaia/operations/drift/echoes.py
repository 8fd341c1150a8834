"""What a thing shows of another resource of the same instance, that was made after it and is as it should be. Pure.

A bucket shows the versioning that a resource of its own sets. The state of the bucket was written before that, so the
next refresh finds a difference that nobody made. Only where the other resource stands for all of what is shown: then a
change by somebody else shows at that one, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.operations.drift.differing import Differing
    from gaia.operations.drift.reading import Reading
    from gaia.terraform.plan import ResourceChange

_BUCKET = {
    "acceleration_status": "accelerate_configuration",
    "acl": "acl",
    "cors_rule": "cors_configuration",
    "grant": "acl",
    "lifecycle_rule": "lifecycle_configuration",
    "logging": "logging",
    "object_lock_configuration": "object_lock_configuration",
    "policy": "policy",
    "replication_configuration": "replication_configuration",
    "request_payer": "request_payment_configuration",
    "server_side_encryption_configuration": "server_side_encryption_configuration",
    "versioning": "versioning",
    "website": "website_configuration",
    "website_domain": "website_configuration",
    "website_endpoint": "website_configuration",
}
SETS_ALL: Mapping[tuple[str, str], str] = {
    **{("aws_s3_bucket", name): f"aws_s3_bucket_{of}" for name, of in _BUCKET.items()},
    ("aws_ecr_repository", "policy"): "aws_ecr_repository_policy",
    ("aws_kms_key", "policy"): "aws_kms_key_policy",
    ("aws_secretsmanager_secret", "policy"): "aws_secretsmanager_secret_policy",
    ("aws_sns_topic", "policy"): "aws_sns_topic_policy",
    ("aws_sqs_queue", "policy"): "aws_sqs_queue_policy",
    ("aws_sqs_queue", "redrive_allow_policy"): "aws_sqs_queue_redrive_allow_policy",
    ("aws_sqs_queue", "redrive_policy"): "aws_sqs_queue_redrive_policy",
}
"""Type and attribute → the type of the resources of which one sets all of it."""
SETS_ONE: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("aws_iam_role", "inline_policy"): ("aws_iam_role_policy", "name", "name"),
    ("aws_iam_role", "managed_policy_arns"): ("aws_iam_role_policy_attachment", "policy_arn", ""),
}
"""Type and attribute → the type of the resources of which each sets one element; the attribute of theirs that says
which, and that of the element, empty where the element is the value itself."""


def is_echo(reading: Reading, change: ResourceChange, one: Differing) -> bool:
    """Whether a difference only shows what another resource of the instance has set, one that has not drifted."""
    key = (change.type, one.top)
    if reading.configuration.is_written(change.address, one.top):
        return False
    if key in SETS_ALL:
        return bool(_standing(reading, change, SETS_ALL[key]))
    if key in SETS_ONE:
        kind, theirs, own = SETS_ONE[key]
        set_by_them = [values.get(theirs) for values in _standing(reading, change, kind)]
        before, after = (_elements(values, one.top, own) for values in (change.before, change.after))
        return (
            None not in after and all(each in after for each in before) and all(each in set_by_them for each in after)
        )
    return False


def _standing(reading: Reading, change: ResourceChange, kind: str) -> list[Mapping[str, object]]:
    """Values of the resources of a type that name the thing, exist, have not drifted and would not be changed."""
    name = change.before.get("id") if isinstance(change.before, dict) else None
    drifted = {each.address for each in reading.evidence.plan.drift}
    return [
        each.before
        for each in reading.planned.values()
        if each.type == kind and each.mode == "managed" and each.action == "no-op" and each.address not in drifted
        if name and isinstance(each.before, dict) and name in each.before.values()
    ]


def _elements(values: object, attribute: str, own: str) -> list[object]:
    found = values.get(attribute) if isinstance(values, dict) else None
    listed = found if isinstance(found, list) else []
    return [(each.get(own) if isinstance(each, dict) else None) if own else each for each in listed]
