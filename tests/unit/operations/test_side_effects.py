"""What changing one resource changes in what is read back of another."""

from __future__ import annotations

import pytest

from gaia.operations.side_effects import EFFECTS, shown_elsewhere
from gaia.terraform.normal import NormalChange, Unknown


def _change(kind: str, before: object, after: object = None) -> NormalChange:
    return NormalChange(f"{kind}.this", kind, ("delete",), before, after)


SHOWN = """
aws_iam_group_policy_attachment.policy_arn      aws_iam_policy.arn            attachment_count
aws_iam_role_policies_exclusive.role_name       aws_iam_role.name             inline_policy
aws_iam_role_policy.role                        aws_iam_role.name             inline_policy
aws_iam_role_policy_attachment.role             aws_iam_role.name             managed_policy_arns
aws_kms_key_policy.key_id                       aws_kms_key.key_id            policy
aws_s3_bucket_accelerate_configuration.bucket   aws_s3_bucket.bucket          acceleration_status
aws_s3_bucket_acl.bucket                        aws_s3_bucket.bucket          acl grant
aws_s3_bucket_cors_configuration.bucket         aws_s3_bucket.bucket          cors_rule
aws_s3_bucket_lifecycle_configuration.bucket    aws_s3_bucket.bucket          lifecycle_rule
aws_s3_bucket_logging.bucket                    aws_s3_bucket.bucket          logging
aws_s3_bucket_object_lock_configuration.bucket  aws_s3_bucket.bucket          object_lock_configuration
aws_s3_bucket_ownership_controls.bucket         aws_s3_bucket.bucket          acl grant
aws_s3_bucket_policy.bucket                     aws_s3_bucket.bucket          policy
aws_s3_bucket_replication_configuration.bucket  aws_s3_bucket.bucket          replication_configuration
aws_s3_bucket_request_payment_configuration.bucket aws_s3_bucket.bucket       request_payer
aws_s3_bucket_server_side_encryption_configuration.bucket aws_s3_bucket.bucket server_side_encryption_configuration
aws_s3_bucket_versioning.bucket                 aws_s3_bucket.bucket          versioning
aws_s3_bucket_website_configuration.bucket      aws_s3_bucket.bucket          website website_domain website_endpoint
aws_secretsmanager_secret_policy.secret_arn     aws_secretsmanager_secret.arn policy
aws_security_group_rule.security_group_id       aws_security_group.id         egress ingress
aws_sns_topic_policy.arn                        aws_sns_topic.arn             policy
aws_sqs_queue_policy.queue_url                  aws_sqs_queue.url             policy
aws_sqs_queue_redrive_policy.queue_url          aws_sqs_queue.url             redrive_policy
aws_vpc_security_group_egress_rule.security_group_id  aws_security_group.id   egress
aws_vpc_security_group_ingress_rule.security_group_id aws_security_group.id   ingress
"""
"""Read off the provider's documentation: a part's attribute, what of whom it names, what shows the part there."""


def test_the_table_says_what_the_provider_does() -> None:
    """Each part that is a resource of its own, and every attribute in which the whole is read back with it."""
    rows = [line.split() for line in SHOWN.strip().splitlines()]
    found = {
        f"{kind}.{effect.attribute}": (f"{effect.type}.{effect.key}", set(effect.shown))
        for kind, effect in EFFECTS.items()
    }
    assert found == {part: (whole, set(shown)) for part, whole, *shown in rows}


@pytest.mark.parametrize("kind", EFFECTS)
def test_each_part_is_shown_by_what_it_names(kind: str) -> None:
    """And by nothing else, and only when it was touched."""
    effect = EFFECTS[kind]
    part = _change(kind, {effect.attribute: "x"})
    shows = _change(effect.type, {effect.key: "x"})
    other = NormalChange("other.one", effect.type, ("delete",), {effect.key: "y"}, None)
    stranger = NormalChange("other.two", "a_type", ("delete",), {effect.key: "x"}, None)
    changes = (part, shows, other, stranger)
    assert shown_elsewhere(changes, {part.address}) == {shows.address: frozenset(effect.shown)}
    assert shown_elsewhere(changes, {shows.address}) == {}


def test_an_attachment_is_counted_by_its_policy_too() -> None:
    """Role and policy both show it; several parts of one thing add up."""
    attachment = _change("aws_iam_role_policy_attachment", {"role": "r", "policy_arn": "p"})
    inline = _change("aws_iam_role_policy", {"role": "r"})
    role, policy = _change("aws_iam_role", {"name": "r"}), _change("aws_iam_policy", {"arn": "p"})
    touched = {attachment.address, inline.address}
    assert shown_elsewhere((attachment, inline, role, policy), touched) == {
        role.address: {"managed_policy_arns", "inline_policy"},
        policy.address: {"attachment_count"},
    }


def test_a_name_that_is_not_known_meets_nothing() -> None:
    """Neither unknown values nor absent or empty ones are equal; what is made is met by what it will name."""
    for name in (Unknown(), "", None):
        part = _change("aws_s3_bucket_policy", None, {"bucket": name})
        assert shown_elsewhere((part, _change("aws_s3_bucket", {"bucket": name})), {part.address}) == {}
    made = _change("aws_s3_bucket_policy", None, {"bucket": "b"})
    bucket = _change("aws_s3_bucket", None, {"bucket": "b"})
    assert shown_elsewhere((made, bucket), {made.address}) == {bucket.address: {"policy"}}
