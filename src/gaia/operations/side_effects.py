"""What changing one resource changes in another, as the AWS provider (5.x) reads it back. Pure.

A bucket's own attributes show its policy, its versioning, its encryption, which are resources of their own. When this
run has deleted the policy, the bucket is read back without one: that is no difference from what was approved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gaia.terraform.normal import NormalChange


@dataclass(frozen=True, slots=True)
class Effect:
    """A resource's `attribute` names the `type` whose `key` is equal; changing it changes `shown` there."""

    attribute: str
    type: str
    key: str
    shown: tuple[str, ...]


def _bucket(*shown: str) -> Effect:
    return Effect("bucket", "aws_s3_bucket", "bucket", shown)


EFFECTS: Mapping[str, Effect] = {
    "aws_iam_group_policy_attachment": Effect("policy_arn", "aws_iam_policy", "arn", ("attachment_count",)),
    "aws_iam_role_policies_exclusive": Effect("role_name", "aws_iam_role", "name", ("inline_policy",)),
    "aws_iam_role_policy": Effect("role", "aws_iam_role", "name", ("inline_policy",)),
    "aws_iam_role_policy_attachment": Effect("role", "aws_iam_role", "name", ("managed_policy_arns",)),
    "aws_kms_key_policy": Effect("key_id", "aws_kms_key", "key_id", ("policy",)),
    "aws_s3_bucket_accelerate_configuration": _bucket("acceleration_status"),
    "aws_s3_bucket_acl": _bucket("acl", "grant"),
    "aws_s3_bucket_cors_configuration": _bucket("cors_rule"),
    "aws_s3_bucket_lifecycle_configuration": _bucket("lifecycle_rule"),
    "aws_s3_bucket_logging": _bucket("logging"),
    "aws_s3_bucket_object_lock_configuration": _bucket("object_lock_configuration"),
    "aws_s3_bucket_ownership_controls": _bucket("acl", "grant"),
    "aws_s3_bucket_policy": _bucket("policy"),
    "aws_s3_bucket_replication_configuration": _bucket("replication_configuration"),
    "aws_s3_bucket_request_payment_configuration": _bucket("request_payer"),
    "aws_s3_bucket_server_side_encryption_configuration": _bucket("server_side_encryption_configuration"),
    "aws_s3_bucket_versioning": _bucket("versioning"),
    "aws_s3_bucket_website_configuration": _bucket("website", "website_domain", "website_endpoint"),
    "aws_secretsmanager_secret_policy": Effect("secret_arn", "aws_secretsmanager_secret", "arn", ("policy",)),
    "aws_security_group_rule": Effect("security_group_id", "aws_security_group", "id", ("egress", "ingress")),
    "aws_sns_topic_policy": Effect("arn", "aws_sns_topic", "arn", ("policy",)),
    "aws_sqs_queue_policy": Effect("queue_url", "aws_sqs_queue", "url", ("policy",)),
    "aws_sqs_queue_redrive_policy": Effect("queue_url", "aws_sqs_queue", "url", ("redrive_policy",)),
    "aws_vpc_security_group_egress_rule": Effect("security_group_id", "aws_security_group", "id", ("egress",)),
    "aws_vpc_security_group_ingress_rule": Effect("security_group_id", "aws_security_group", "id", ("ingress",)),
}
_ALSO_POLICY = Effect("policy_arn", "aws_iam_policy", "arn", ("attachment_count",))
"""An attachment is counted by the policy too."""


def shown_elsewhere(changes: Sequence[NormalChange], touched: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Address to its top-level attributes that show what this run has begun to change in other resources."""
    shown: dict[str, set[str]] = {}
    for change in changes:
        for effect in _effects(change) if change.address in touched else ():
            for other in changes:
                if other.type == effect.type and _meets(change, other, effect):
                    shown.setdefault(other.address, set()).update(effect.shown)
    return {address: frozenset(names) for address, names in shown.items()}


def _effects(change: NormalChange) -> tuple[Effect, ...]:
    known = EFFECTS.get(change.type)
    if known is None:
        return ()
    return (known, _ALSO_POLICY) if change.type == "aws_iam_role_policy_attachment" else (known,)


def _meets(change: NormalChange, other: NormalChange, effect: Effect) -> bool:
    """Whether the one names the other, before or after."""
    mine = {_text(side, effect.attribute) for side in (change.before, change.after)}
    theirs = {_text(side, effect.key) for side in (other.before, other.after)}
    return bool((mine & theirs) - {""})


def _text(side: object, name: str) -> str:
    value = side.get(name) if isinstance(side, dict) else None
    return value if isinstance(value, str) else ""
