"""One small file a service, one class a resource type: `CostResource` in, `Bill` out, nothing else read.

A class is found by its type's place in `MODULES`, and imported when a plan holds the type: the number of services costs
nothing at start, and a plan of buckets reads `s3.py` alone.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module, resources
from inspect import isabstract

from gaia.cost.model import Builder

MODULES = {
    "acm": ("aws_acm_certificate", "aws_acmpca_certificate_authority"),
    "apigateway": ("aws_api_gateway_rest_api", "aws_api_gateway_stage", "aws_apigatewayv2_api"),
    "appautoscaling": ("aws_appautoscaling_target",),
    "aurora": ("aws_rds_cluster", "aws_rds_cluster_instance"),
    "autoscaling": ("aws_autoscaling_group",),
    "awslambda": ("aws_lambda_function", "aws_lambda_provisioned_concurrency_config"),
    "backup": ("aws_backup_vault",),
    "cloudformation": ("aws_cloudformation_stack", "aws_cloudformation_stack_set"),
    "cloudfront": ("aws_cloudfront_distribution", "aws_cloudfront_function"),
    "cloudhsm": ("aws_cloudhsm_v2_hsm",),
    "cloudtrail": ("aws_cloudtrail",),
    "cloudwatch": (
        "aws_cloudwatch_composite_alarm",
        "aws_cloudwatch_dashboard",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_metric_alarm",
    ),
    "codebuild": ("aws_codebuild_project",),
    "config": (
        "aws_config_config_rule",
        "aws_config_configuration_recorder",
        "aws_config_organization_custom_rule",
        "aws_config_organization_managed_rule",
    ),
    "datatransfer": ("aws_data_transfer",),
    "directconnect": ("aws_dx_connection",),
    "dms": ("aws_dms_replication_instance",),
    "docdb": ("aws_docdb_cluster", "aws_docdb_cluster_instance", "aws_docdb_cluster_snapshot"),
    "ds": ("aws_directory_service_directory",),
    "dynamodb": ("aws_dynamodb_table",),
    "ebs": ("aws_ebs_snapshot", "aws_ebs_snapshot_copy", "aws_ebs_volume"),
    "ec2": ("aws_ec2_host", "aws_instance", "aws_spot_instance_request"),
    "ecr": ("aws_ecr_repository",),
    "ecs": ("aws_ecs_service",),
    "efs": ("aws_efs_file_system",),
    "eks": ("aws_eks_cluster", "aws_eks_fargate_profile", "aws_eks_node_group"),
    "elasticache": ("aws_elasticache_cluster", "aws_elasticache_replication_group", "aws_elasticache_serverless_cache"),
    "elasticbeanstalk": ("aws_elastic_beanstalk_environment",),
    "elb": ("aws_alb", "aws_elb", "aws_lb"),
    "events": ("aws_cloudwatch_event_bus",),
    "fsx": ("aws_fsx_openzfs_file_system", "aws_fsx_windows_file_system"),
    "globalaccelerator": ("aws_globalaccelerator_accelerator", "aws_globalaccelerator_endpoint_group"),
    "glue": ("aws_glue_catalog_database", "aws_glue_crawler", "aws_glue_job"),
    "grafana": ("aws_grafana_workspace",),
    "guardduty": ("aws_guardduty_detector",),
    "kinesis": ("aws_kinesis_firehose_delivery_stream", "aws_kinesis_stream"),
    "kinesisanalytics": (
        "aws_kinesis_analytics_application",
        "aws_kinesisanalyticsv2_application",
        "aws_kinesisanalyticsv2_application_snapshot",
    ),
    "kms": ("aws_kms_external_key", "aws_kms_key"),
    "lightsail": ("aws_lightsail_instance",),
    "mq": ("aws_mq_broker",),
    "msk": ("aws_msk_cluster",),
    "mwaa": ("aws_mwaa_environment",),
    "neptune": ("aws_neptune_cluster", "aws_neptune_cluster_instance", "aws_neptune_cluster_snapshot"),
    "networkfirewall": ("aws_networkfirewall_firewall",),
    "opensearch": ("aws_elasticsearch_domain", "aws_opensearch_domain"),
    "rds": ("aws_db_instance",),
    "redshift": ("aws_redshift_cluster",),
    "route53": ("aws_route53_health_check", "aws_route53_record", "aws_route53_resolver_endpoint", "aws_route53_zone"),
    "s3": ("aws_s3_bucket", "aws_s3_bucket_analytics_configuration", "aws_s3_bucket_inventory"),
    "secretsmanager": ("aws_secretsmanager_secret",),
    "securityhub": ("aws_securityhub_account",),
    "sns": ("aws_sns_topic", "aws_sns_topic_subscription"),
    "sqs": ("aws_sqs_queue",),
    "ssm": ("aws_ssm_activation", "aws_ssm_parameter"),
    "stepfunctions": ("aws_sfn_state_machine",),
    "transfer": ("aws_transfer_server",),
    "transitgateway": (
        "aws_dx_gateway_association",
        "aws_ec2_transit_gateway_peering_attachment",
        "aws_ec2_transit_gateway_vpc_attachment",
    ),
    "vpc": ("aws_ec2_traffic_mirror_session", "aws_eip", "aws_nat_gateway", "aws_vpc_endpoint"),
    "vpn": ("aws_ec2_client_vpn_endpoint", "aws_ec2_client_vpn_network_association", "aws_vpn_connection"),
    "waf": ("aws_waf_web_acl", "aws_wafv2_web_acl"),
}
"""The types of each file here, for finding them without reading it; a test holds it against the classes."""
DECLARED = ("aws_data_transfer",)
"""Types that are no resources of Terraform: usage files declare them."""
UTILITIES = (
    "archive_", "cloudinit_", "kubernetes_", "local_", "null_", "random_", "template_", "terraform_data", "time_",
    "tls_",
)  # fmt: skip
"""Types that begin with one of these (`random_id`) cost nothing by nature and are not counted; all others may cost."""
_NO_UTILITIES = ("kubernetes_persistent_volume", "kubernetes_service", "kubernetes_stateful_set", "kubernetes_manifest")
"""Objects of a cluster that make something else which is paid for: disks, load balancers."""


def counted(kind: str) -> bool:
    """Whether a type may cost something, whoever provides it."""
    if kind.startswith(_NO_UTILITIES) and not kind.startswith("kubernetes_service_account"):
        return True
    return not kind.startswith(UTILITIES)


@cache
def builder(kind: str) -> Builder | None:
    """The builder of a type; None when there is none."""
    module = _places().get(kind)
    return next(one for one in builders(module) if kind in one.types) if module else None


def builders(module: str) -> list[Builder]:
    """The builders that a file of this folder defines."""
    found = vars(import_module(f"{__name__}.{module}")).values()
    classes = (one for one in found if isinstance(one, type) and issubclass(one, Builder) and not isabstract(one))
    return [one() for one in classes if one.__module__ == f"{__name__}.{module}"]


@cache
def _places() -> dict[str, str]:
    return {kind: module for module, kinds in MODULES.items() for kind in kinds}


@cache
def free_types() -> frozenset[str]:
    """Types that AWS does not charge for."""
    return frozenset((resources.files("gaia.cost") / "free.txt").read_text("utf-8").split())
