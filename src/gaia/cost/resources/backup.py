"""AWS Backup: what a vault keeps and gives back. Copies of some services are billed, and priced, by those services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import Bill, Builder, PriceKey
from gaia.cost.resources.dynamodb import BACKUP, RESTORE

if TYPE_CHECKING:
    from gaia.cost.model import CostResource


def _own(key: str) -> PriceKey:
    return PriceKey("AWSBackup", "AWS Backup Storage", key)


_WINDOWS = "FSx for Windows backup"
_LUSTRE = PriceKey("AmazonFSx", "Storage", "lustre-backup")
_LINES = (
    ("EFS backup (warm)", "GB", _own("efs-warm"), "monthly_efs_warm_backup_gb"),
    ("EFS backup (cold)", "GB", _own("efs-cold"), "monthly_efs_cold_backup_gb"),
    ("EFS restore (warm)", "GB", _own("efs-restore-warm"), "monthly_efs_warm_restore_gb"),
    ("EFS restore (cold)", "GB", _own("efs-restore-cold"), "monthly_efs_cold_restore_gb"),
    ("EFS restore (item-level)", "requests", _own("efs-restore-items"), "monthly_efs_item_restore_requests"),
    ("EBS snapshot", "GB", PriceKey("AmazonEC2", "Storage Snapshot", "snapshot"), "monthly_ebs_snapshot_gb"),
    ("RDS snapshot", "GB", PriceKey("AmazonRDS", "Storage Snapshot", "backup beyond free"), "monthly_rds_snapshot_gb"),
    ("DynamoDB backup", "GB", BACKUP, "monthly_dynamodb_backup_gb"),
    ("DynamoDB restore", "GB", RESTORE, "monthly_dynamodb_restore_gb"),
    ("Aurora snapshot", "GB", PriceKey("AmazonRDS", "Storage Snapshot", "aurora-backup"), "monthly_aurora_snapshot_gb"),
    (_WINDOWS, "GB", PriceKey("AmazonFSx", "Storage", "windows-backup"), "monthly_fsx_windows_backup_gb"),
    ("FSx for Lustre backup", "GB", _LUSTRE, "monthly_fsx_lustre_backup_gb"),
)


class Vault(Builder):
    """A vault."""

    types = ("aws_backup_vault",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """A line for each kind of copy. Infracost prices those of FSx for Windows as Lustre's."""
        return Bill(
            tuple(
                used(
                    name, unit, _LUSTRE if name == _WINDOWS and resource.parity else price, resource.usage.number(usage)
                )
                for name, unit, price, usage in _LINES
            )
        )
