"""Amazon GuardDuty: what it reads costs, and nobody publishes how much that is before it has run.

Ours, Infracost does not know it. Features that are resources of their own are billed with the detector.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_LINES = (
    ("CloudTrail management events", "1M events", "cloudtrail-events", "monthly_management_events"),
    ("VPC flow and DNS query logs", "GB", "flow-and-dns-logs", "monthly_flow_and_dns_log_gb"),
)
_FEATURES = {
    "S3_DATA_EVENTS": ("S3 data events", "1M events", "s3-data-events", "monthly_s3_data_events"),
    "EKS_AUDIT_LOGS": ("EKS audit logs", "1M events", "eks-audit-logs", "monthly_eks_audit_events"),
    "EBS_MALWARE_PROTECTION": ("EBS malware scans", "GB", "ebs-malware-scan", "monthly_ebs_scanned_gb"),
    "RDS_LOGIN_EVENTS": ("RDS login activity", "vCPU-hours", "rds-login-events", "monthly_rds_vcpu_hrs"),
    "LAMBDA_NETWORK_LOGS": ("Lambda network logs", "GB", "lambda-network-logs", "monthly_lambda_log_gb"),
    "RUNTIME_MONITORING": ("Runtime monitoring", "vCPU-hours", "runtime-monitoring", "monthly_runtime_vcpu_hrs"),
}


class Detector(Builder):
    """A detector; a suspended one costs nothing."""

    types = ("aws_guardduty_detector",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """What it reads of an account, and what each feature that is on reads besides."""
        if resource.values.get("enable") is False:
            return Bill(free=True)
        features = {
            feature.text("name")
            for feature in resource.referring("aws_guardduty_detector_feature", "detector_id")
            if feature.text("status") != "DISABLED"
        }
        lines = (*_LINES, *(line for name, line in _FEATURES.items() if name in features))
        return Bill(
            tuple(
                used(
                    name,
                    unit,
                    PriceKey("AmazonGuardDuty", "Threat Detection", key),
                    resource.usage.number(usage),
                    Decimal(1_000_000) if unit.startswith("1M") else ONE,
                )
                for name, unit, key, usage in lines
            )
        )
