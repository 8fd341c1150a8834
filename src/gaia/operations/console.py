"""Where a person looks for things of a type in AWS's console. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAGES: Mapping[str, str] = {
    "aws_acm_": "acm/home#/certificates/list",
    "aws_backup_": "backup/home#/backupplans",
    "aws_budgets_": "costmanagement/home#/budgets",
    "aws_ce_": "costmanagement/home#/anomaly-detection",
    "aws_cloudtrail": "cloudtrailv2/home#/trails",
    "aws_cloudwatch_event_": "events/home#/rules",
    "aws_cloudwatch_": "cloudwatch/home",
    "aws_config_": "config/home#/rules",
    "aws_accessanalyzer_": "access-analyzer/home#/analyzers",
    "aws_db_": "rds/home#databases:",
    "aws_rds_": "rds/home#databases:",
    "aws_dynamodb_": "dynamodbv2/home#tables",
    "aws_ecr_": "ecr/private-registry/repositories",
    "aws_eks_": "eks/clusters",
    "aws_eip": "vpcconsole/home#Addresses:",
    "aws_guardduty_": "guardduty/home#/settings",
    "aws_iam_role": "iam/home#/roles",
    "aws_iam_policy": "iam/home#/policies",
    "aws_iam_openid_": "iam/home#/identity_providers",
    "aws_iam_": "iam/home",
    "aws_kms_": "kms/home#/kms/keys",
    "aws_launch_template": "ec2/home#LaunchTemplates:",
    "aws_lb_target_group": "ec2/home#TargetGroups:",
    "aws_lb": "ec2/home#LoadBalancers:",
    "aws_nat_gateway": "vpcconsole/home#NatGateways:",
    "aws_route53_": "route53/v2/hostedzones",
    "aws_route_table": "vpcconsole/home#RouteTables:",
    "aws_route": "vpcconsole/home#RouteTables:",
    "aws_s3_": "s3/buckets",
    "aws_secretsmanager_": "secretsmanager/listsecrets",
    "aws_security_group": "vpcconsole/home#SecurityGroups:",
    "aws_vpc_security_group_": "vpcconsole/home#SecurityGroupRules:",
    "aws_sns_": "sns/v3/home#/topics",
    "aws_sqs_": "sqs/v3/home#/queues",
    "aws_ssm_": "systems-manager/parameters",
    "aws_subnet": "vpcconsole/home#subnets:",
    "aws_vpc_endpoint": "vpcconsole/home#Endpoints:",
    "aws_vpc": "vpcconsole/home#vpcs:",
    "aws_wafv2_": "wafv2/homev2/web-acls",
    "aws_xray_": "cloudwatch/home#xray:settings",
}
"""Beginning of a type → page; the longest that fits. `aws_` alone is the page of everything that has tags."""
_ANY = "resource-groups/tag-editor/find-resources"
_HOSTS = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def console_link(kind: str, region: str, partition: str = "aws") -> str:
    """The page that lists things of this type in the region; empty for what is not AWS's or of no known region."""
    host = _HOSTS.get(partition or "aws")
    if not kind.startswith("aws_") or not region or host is None:
        return ""
    fits = max((begin for begin in _PAGES if kind.startswith(begin)), key=len, default="")
    path, hash_, page = (_PAGES[fits] if fits else _ANY).partition("#")
    prefix = f"{region}." if partition in ("", "aws") else ""
    return f"https://{prefix}{host}/{path}?region={region}{hash_}{page}"
