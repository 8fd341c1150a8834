"""What moto lacks and the blueprint meets: a file for each gap, put on when its service is first asked for.

Each file says what moto does without it and has `apply`, which adds what is missing in moto's own form (methods of a
service's backend and of its responses, addresses), so that it could be sent there. `tests/integration/sandbox` holds
two things of each: with it the gap is closed, and without it there still is one. When the second fails, the file goes.
They are imported with the service that they belong to, for moto's packages are large.
"""

from __future__ import annotations

from importlib import import_module

PATCHES = {
    "accessanalyzer": ("accessanalyzer",),
    "acm": ("acm_algorithm",),
    "applicationautoscaling": ("applicationautoscaling_tags",),
    "backup": ("backup_selections", "backup_vault_policies", "backup_tags"),
    "budgets": ("budgets_tags",),
    "ce": ("ce_anomalies",),
    "cloudwatch": ("cloudwatch_composite",),
    "ec2": ("ec2_disk_key", "ec2_rule_descriptions", "ec2_subnet_ipv6", "ec2_template_tags"),
    "eks": ("eks_access", "eks_addons", "eks_group", "eks_identities", "eks_settings", "eks_updates"),
    "guardduty": ("guardduty_features",),
    "logs": ("logs_queries",),
    "rds": ("rds_identity", "rds_insights", "rds_parameters", "rds_scaling", "rds_snapshots"),
    "s3": ("s3_access_logs", "s3_conditions", "s3_lifecycle", "s3_log_targets"),
    "securityhub": ("securityhub_standards",),
    "sns": ("sns_signature",),
    "sqs": ("sqs_policy", "sqs_redrive"),
    "xray": ("xray_rules",),
}
"""Service, as moto calls its package, to files of this folder."""
_NEW = ("accessanalyzer",)
"""Services that moto does not have at all."""


def begin() -> None:
    """Make known the services that moto does not have. Before the first request."""
    for service in _NEW:
        import_module(f"{__name__}.{service}").apply()


def put_on(service: str) -> None:
    """Put on what belongs to a service. Before its addresses are read, once a process."""
    for name in PATCHES.get(service, ()):
        if name not in _NEW:
            import_module(f"{__name__}.{name}").apply()
