"""Which attributes of a resource people and policies care about: they are shown first, and are never left out.

A test holds that what the shipped policies read is among them.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

ORDER: tuple[tuple[str, str], ...] = (
    ("*", "name bucket alias identifier"),
    ("*", "engine engine_version instance_class instance_type node_type allocated_storage multi_az"),
    ("aws_eks_*", "version"),
    ("*", "*public* internal cidr* *_cidr_block* *_cidr_ipv? ingress egress from_port to_port *protocol"),
    ("aws_network_acl*", "rule_action"),
    ("aws_lb*", "ssl_policy access_logs.enabled"),
    ("aws_alb*", "ssl_policy access_logs.enabled"),
    ("aws_*bucket_acl", "acl access_control_policy*"),
    ("*", "policy *_policy policy_arn* managed_policy_arns actions"),
    ("*", "encrypted *_encrypted sse_algorithm encryption_type encryption_config.resources kms_*key*"),
    ("*", "*transit_encryption* *at_rest_encryption* encryption_in_transit.* encryption_key encryption_option"),
    ("*", "*volume_encryption_enabled minimum_protocol_version security_policy_name enforce_https"),
    ("aws_opensearch_domain", "encrypt_at_rest node_to_node_encryption zone_awareness_enabled"),
    ("aws_dax_cluster", "server_side_encryption cluster_endpoint_encryption_type"),
    ("aws_kinesis_firehose_*", "server_side_encryption"),
    ("aws_msk_cluster", "encryption_info"),
    ("aws_xray_encryption_config", "type"),
    ("aws_elasticache_*", "*_failover_enabled multi_az_enabled"),
    ("aws_sagemaker_notebook_instance", "direct_internet_access"),
    ("aws_secretsmanager_secret_rotation", "automatically_after_days"),
    ("aws_dynamodb_table", "server_side_encryption.enabled point_in_time_recovery.enabled"),
    ("aws_ebs_encryption_by_default", "enabled"),
    ("aws_kms_key", "enable_key_rotation deletion_window_in_days"),
    ("*", "*deletion_protection* skip_final_snapshot force_destroy *retention* recovery_window_in_days"),
    ("aws_s3_bucket_versioning", "status"),
    ("aws_cloudtrail", "is_multi_region_trail enable_log* include_global_service_events"),
    ("aws_guardduty_*", "enable status"),
    ("aws_config_*", "is_enabled all_supported"),
    ("aws_inspector2_enabler", "resource_types"),
    ("aws_ecr_repository", "image_tag_mutability scan_on_push"),
    ("aws_eks_cluster", "enabled_cluster_log_types"),
    ("*", "http_tokens http_put_response_hop_limit"),
)
"""(pattern of the resource's type, patterns of attributes), the weightiest first. A pattern without a dot is about the
last part of the attribute's path, or about a whole block."""
_NEXT = ("description", "tags")
"""What tells things apart, before all the rest."""


def rank(kind: str, attribute: str) -> int:
    """Where an attribute of that type of resource stands among the others; `rules.cidr_block` is one of a block."""
    found = (number for number, row in enumerate(ORDER) if _is_of(row, kind, attribute))
    first = attribute.partition(".")[0]
    rest = len(ORDER) + (_NEXT.index(first) if first in _NEXT else len(_NEXT))
    return next(found, rest) if first not in _NEXT else rest


def matters(kind: str, attribute: str) -> bool:
    """Whether it is never left out."""
    return rank(kind, attribute) < len(ORDER)


def _is_of(row: tuple[str, str], kind: str, attribute: str) -> bool:
    pattern, names = row
    if not fnmatchcase(kind, pattern):
        return False
    first, _, _ = attribute.partition(".")
    last = attribute.rpartition(".")[2]
    return any(
        fnmatchcase(attribute, name) if "." in name else fnmatchcase(last, name) or fnmatchcase(first, name)
        for name in names.split()
    )
