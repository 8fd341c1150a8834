"""The import rule of each resource type, by the AWS provider's documentation (5.x). Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ImportRule:
    """How one resource type is found again."""

    id: str = ""
    """Template of the import id over attributes that are known before creation, and `account`, `partition`, `region`;
    `{url:bare}` is a URL without `https://`."""
    arn: str = ""
    """Regular expression for ARNs of this type; empty: the tag does not find it. Types that share a form of ARN, and
    those of global services, which the tags of one region do not tell, have none."""
    parent: tuple[str, str, str] | None = None
    """(attribute, parent's type, its attribute) of a thing without tags: where both are equal, it is the parent's."""
    reported: str = "{reported}"
    """The import id, with the id that creation reports; empty where that is of no use."""
    of_arn: str = "{0}"
    """The import id, with the groups of `arn`."""
    or_else: tuple[str, ...] = ()
    """Further templates, for things that lack an attribute of the first."""
    again: bool = False
    """Whether creating it again makes nothing twice, so that it need not be found."""


def _part(attribute: str, kind: str, of: str, id: str = "") -> ImportRule:  # noqa: A002
    """Of a thing without tags: imported by its parent's attribute, or by more."""
    return ImportRule(id or f"{{{attribute}}}", parent=(attribute, kind, of))


def _ec2(kind: str) -> ImportRule:
    """Of what has a number only: by its tag."""
    return ImportRule(arn=rf"arn:[^:]+:ec2:[^:]+:\d+:{kind}/(.+)")


def _arn(pattern: str) -> ImportRule:
    """Imported by its whole ARN."""
    return ImportRule(arn=f"(arn:[^:]+:{pattern})")


_OF_BUCKET = _part("bucket", "aws_s3_bucket", "bucket")
_OF_QUEUE = _part("queue_url", "aws_sqs_queue", "url")
_SETTING = ImportRule("{region}", again=True)
_RULE_OF_GROUP = _ec2("security-group-rule")

RULES: Mapping[str, ImportRule] = {
    "aws_accessanalyzer_analyzer": ImportRule("{analyzer_name}"),
    "aws_acm_certificate": _arn(r"acm:[^:]+:\d+:certificate/.+"),
    "aws_acm_certificate_validation": ImportRule(reported="", again=True),  # it waits, and makes nothing
    "aws_backup_plan": ImportRule(arn=r"arn:[^:]+:backup:[^:]+:\d+:backup-plan:(.+)"),
    "aws_backup_selection": ImportRule(reported="{plan_id}|{reported}"),
    "aws_backup_vault": ImportRule("{name}"),
    "aws_backup_vault_lock_configuration": _part("backup_vault_name", "aws_backup_vault", "name"),
    "aws_backup_vault_policy": _part("backup_vault_name", "aws_backup_vault", "name"),
    "aws_budgets_budget": ImportRule("{account}:{name}"),
    "aws_ce_anomaly_monitor": ImportRule(),
    "aws_ce_anomaly_subscription": ImportRule(),
    "aws_cloudtrail": ImportRule("arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"),
    "aws_cloudwatch_composite_alarm": ImportRule("{alarm_name}"),
    "aws_cloudwatch_dashboard": ImportRule("{dashboard_name}"),
    "aws_cloudwatch_event_rule": ImportRule("{event_bus_name}/{name}"),
    "aws_cloudwatch_event_target": ImportRule(
        "{event_bus_name}/{rule}/{target_id}", parent=("rule", "aws_cloudwatch_event_rule", "name"), reported=""
    ),
    "aws_cloudwatch_log_group": ImportRule("{name}", arn=r"arn:[^:]+:logs:[^:]+:\d+:log-group:(.+?)(?::\*)?"),
    "aws_cloudwatch_log_metric_filter": ImportRule(
        "{log_group_name}:{name}", parent=("log_group_name", "aws_cloudwatch_log_group", "name"), reported=""
    ),
    "aws_cloudwatch_metric_alarm": ImportRule("{alarm_name}"),
    "aws_cloudwatch_query_definition": ImportRule(
        reported="arn:{partition}:logs:{region}:{account}:query-definition:{reported}"
    ),
    "aws_config_config_rule": ImportRule("{name}"),
    "aws_config_configuration_recorder": ImportRule("{name}"),
    "aws_config_configuration_recorder_status": ImportRule("{name}", again=True),
    "aws_config_delivery_channel": ImportRule("{name}"),
    "aws_db_instance": ImportRule("{identifier}", reported=""),
    "aws_db_parameter_group": ImportRule("{name}", arn=r"arn:[^:]+:rds:[^:]+:\d+:pg:(.+)"),
    "aws_db_subnet_group": ImportRule("{name}", arn=r"arn:[^:]+:rds:[^:]+:\d+:subgrp:(.+)"),
    "aws_default_network_acl": ImportRule("{default_network_acl_id}", again=True),
    "aws_default_security_group": ImportRule(again=True),
    "aws_dynamodb_table": ImportRule("{name}", arn=r"arn:[^:]+:dynamodb:[^:]+:\d+:table/([^/]+)"),
    "aws_ebs_default_kms_key": ImportRule("{key_arn}", again=True),
    "aws_ebs_encryption_by_default": ImportRule("default", again=True),
    "aws_ecr_lifecycle_policy": _part("repository", "aws_ecr_repository", "name"),
    "aws_ecr_repository": ImportRule("{name}", arn=r"arn:[^:]+:ecr:[^:]+:\d+:repository/(.+)"),
    "aws_ecr_repository_policy": _part("repository", "aws_ecr_repository", "name"),
    "aws_egress_only_internet_gateway": _ec2("egress-only-internet-gateway"),
    "aws_eip": _ec2("elastic-ip"),
    "aws_eks_access_entry": ImportRule("{cluster_name}:{principal_arn}"),
    "aws_eks_access_policy_association": _part(
        "cluster_name", "aws_eks_cluster", "name", "{cluster_name}#{principal_arn}#{policy_arn}"
    ),
    "aws_eks_addon": ImportRule("{cluster_name}:{addon_name}"),
    "aws_eks_cluster": ImportRule("{name}", arn=r"arn:[^:]+:eks:[^:]+:\d+:cluster/([^/]+)"),
    "aws_eks_node_group": ImportRule("{cluster_name}:{node_group_name}"),
    "aws_eks_pod_identity_association": ImportRule(
        arn=r"arn:[^:]+:eks:[^:]+:\d+:podidentityassociation/([^/]+)/(.+)",
        of_arn="{0},{1}",
        reported="{cluster_name},{reported}",
    ),
    "aws_flow_log": _ec2("vpc-flow-log"),
    "aws_guardduty_detector": ImportRule(arn=r"arn:[^:]+:guardduty:[^:]+:\d+:detector/([^/]+)"),
    "aws_guardduty_detector_feature": ImportRule(reported="", again=True),  # cannot be imported; it is put
    "aws_iam_account_password_policy": ImportRule("iam-account-password-policy", again=True),
    "aws_iam_instance_profile": ImportRule("{name}"),
    "aws_iam_openid_connect_provider": ImportRule("arn:{partition}:iam::{account}:oidc-provider/{url:bare}"),
    "aws_iam_policy": ImportRule("arn:{partition}:iam::{account}:policy{path}{name}"),
    "aws_iam_role": ImportRule("{name}"),
    "aws_iam_role_policy": _part("role", "aws_iam_role", "name", "{role}:{name}"),
    "aws_iam_role_policy_attachment": ImportRule(
        "{role}/{policy_arn}", parent=("role", "aws_iam_role", "name"), reported=""
    ),
    "aws_iam_user": ImportRule("{name}"),
    "aws_internet_gateway": _ec2("internet-gateway"),
    "aws_kms_alias": ImportRule("{name}", parent=("target_key_id", "aws_kms_key", "key_id")),
    "aws_kms_key": ImportRule(arn=r"arn:[^:]+:kms:[^:]+:\d+:key/(.+)"),
    "aws_launch_template": _ec2("launch-template"),
    "aws_lb": _arn(r"elasticloadbalancing:[^:]+:\d+:loadbalancer/.+"),
    "aws_lb_listener": _arn(r"elasticloadbalancing:[^:]+:\d+:listener/.+"),
    "aws_lb_listener_certificate": _part("listener_arn", "aws_lb_listener", "arn", "{listener_arn}_{certificate_arn}"),
    "aws_lb_listener_rule": _arn(r"elasticloadbalancing:[^:]+:\d+:listener-rule/.+"),
    "aws_lb_target_group": _arn(r"elasticloadbalancing:[^:]+:\d+:targetgroup/.+"),
    "aws_nat_gateway": _ec2("natgateway"),
    "aws_network_acl": _ec2("network-acl"),
    "aws_rds_cluster": ImportRule("{cluster_identifier}", arn=r"arn:[^:]+:rds:[^:]+:\d+:cluster:(.+)"),
    "aws_rds_cluster_instance": ImportRule("{identifier}"),
    "aws_rds_cluster_parameter_group": ImportRule("{name}", arn=r"arn:[^:]+:rds:[^:]+:\d+:cluster-pg:(.+)"),
    "aws_route": ImportRule(
        "{route_table_id}_{destination_cidr_block}",
        parent=("route_table_id", "aws_route_table", "id"),
        reported="",
        or_else=(
            "{route_table_id}_{destination_ipv6_cidr_block}",
            "{route_table_id}_{destination_prefix_list_id}",
        ),
    ),
    "aws_route53_record": ImportRule("{zone_id}_{name}_{type}_{set_identifier}", or_else=("{zone_id}_{name}_{type}",)),
    "aws_route_table": _ec2("route-table"),
    "aws_route_table_association": ImportRule(
        "{subnet_id}/{route_table_id}",
        parent=("route_table_id", "aws_route_table", "id"),
        reported="",
        or_else=("{gateway_id}/{route_table_id}",),
    ),
    "aws_s3_account_public_access_block": ImportRule("{account}", again=True),
    "aws_s3_bucket": ImportRule("{bucket}", arn=r"arn:[^:]+:s3:::([^/]+)"),
    **{
        f"aws_s3_bucket_{part}": _OF_BUCKET
        for part in (
            *("accelerate_configuration", "cors_configuration", "lifecycle_configuration", "logging", "notification"),
            *("object_lock_configuration", "ownership_controls", "policy", "public_access_block"),
            *("replication_configuration", "request_payment_configuration", "server_side_encryption_configuration"),
            *("versioning", "website_configuration"),
        )
    },
    "aws_secretsmanager_secret": _arn(r"secretsmanager:[^:]+:\d+:secret:.+"),
    "aws_secretsmanager_secret_policy": _part("secret_arn", "aws_secretsmanager_secret", "arn"),
    "aws_secretsmanager_secret_rotation": _part("secret_id", "aws_secretsmanager_secret", "id"),
    "aws_security_group": _ec2("security-group"),
    "aws_securityhub_account": ImportRule("{account}"),
    "aws_securityhub_standards_subscription": ImportRule(again=True),  # following again gives the same subscription
    "aws_sns_topic": _arn(r"sns:[^:]+:\d+:[^:]+"),
    "aws_sns_topic_policy": _part("arn", "aws_sns_topic", "arn"),
    "aws_sns_topic_subscription": ImportRule(again=True),  # subscribing again gives the subscription that there is
    "aws_sqs_queue": ImportRule(
        arn=r"arn:aws(?:-us-gov)?:sqs:([^:]+):(\d+):([^:]+)", of_arn="https://sqs.{0}.amazonaws.com/{1}/{2}"
    ),
    "aws_sqs_queue_policy": _OF_QUEUE,
    "aws_sqs_queue_redrive_allow_policy": _OF_QUEUE,
    "aws_sqs_queue_redrive_policy": _OF_QUEUE,
    "aws_ssm_parameter": ImportRule("{name}"),
    "aws_subnet": _ec2("subnet"),
    "aws_vpc": _ec2("vpc"),
    "aws_vpc_endpoint": _ec2("vpc-endpoint"),
    "aws_vpc_security_group_egress_rule": _RULE_OF_GROUP,
    "aws_vpc_security_group_ingress_rule": _RULE_OF_GROUP,
    "aws_wafv2_web_acl": ImportRule(
        arn=r"arn:[^:]+:wafv2:[^:]+:\d+:regional/webacl/([^/]+)/(.+)",
        of_arn="{1}/{0}/REGIONAL",
        reported="{reported}/{name}/{scope}",
    ),
    "aws_wafv2_web_acl_association": _part("web_acl_arn", "aws_wafv2_web_acl", "arn", "{web_acl_arn},{resource_arn}"),
    "aws_wafv2_web_acl_logging_configuration": _part("resource_arn", "aws_wafv2_web_acl", "arn"),
    "aws_xray_encryption_config": _SETTING,
    "aws_xray_group": _arn(r"xray:[^:]+:\d+:group/.+"),
    "aws_xray_sampling_rule": ImportRule("{rule_name}"),
}
"""By type. Two rules have one ARN: of rules of a security group the tag finds both directions, and importing one as the
other is answered with "nothing exists there"."""
