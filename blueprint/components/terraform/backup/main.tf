data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account        = data.aws_caller_identity.current.account_id
  role_prefix    = "arn:${data.aws_partition.current.partition}:iam::${local.account}:role/"
  administrators = [for principal in var.administrators : startswith(principal, "arn:") ? principal : "${local.role_prefix}${principal}"]
}

resource "aws_backup_vault" "this" {
  name        = local.id
  kms_key_arn = var.key_arn
  tags        = var.tags

  lifecycle {
    precondition {
      condition     = length(local.id) <= 50
      error_message = "tenant-environment-stage-name must have at most 50 characters: AWS Backup takes no longer name for a vault, a plan or a selection."
    }
  }
}

# Nobody shortens what is kept. With a grace period the lock cannot be taken off again once it is over.
resource "aws_backup_vault_lock_configuration" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = var.min_retention_days
  max_retention_days  = var.max_retention_days
  changeable_for_days = var.compliance_after_days

  lifecycle {
    precondition {
      condition     = var.max_retention_days >= var.min_retention_days
      error_message = "max_retention_days must not be less than min_retention_days."
    }

    precondition {
      condition     = alltrue([for rule in var.rules : rule.delete_after_days >= var.min_retention_days && rule.delete_after_days <= var.max_retention_days])
      error_message = "each rule must keep its backups between min_retention_days and max_retention_days: the locked vault refuses others."
    }
  }
}

resource "aws_backup_vault_policy" "this" {
  backup_vault_name = aws_backup_vault.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyAdministratorsDelete"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action = [
        "backup:DeleteBackupVault",
        "backup:DeleteBackupVaultAccessPolicy",
        "backup:DeleteRecoveryPoint",
        "backup:PutBackupVaultAccessPolicy",
        "backup:UpdateRecoveryPointLifecycle",
      ]
      Resource  = "*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.administrators } }
    }]
  })
}

resource "aws_backup_plan" "this" {
  name = local.id
  tags = var.tags

  dynamic "rule" {
    for_each = var.rules

    content {
      rule_name                = rule.key
      target_vault_name        = aws_backup_vault.this.name
      schedule                 = rule.value.schedule
      start_window             = 60
      completion_window        = 360
      enable_continuous_backup = rule.value.continuous
      recovery_point_tags      = var.tags

      lifecycle {
        cold_storage_after = rule.value.cold_after_days
        delete_after       = rule.value.delete_after_days
      }

      dynamic "copy_action" {
        for_each = var.copies

        content {
          destination_vault_arn = copy_action.value

          lifecycle {
            cold_storage_after = rule.value.cold_after_days
            delete_after       = rule.value.delete_after_days
          }
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = var.stage != "prod" || length(var.copies) > 0
      error_message = "copies must name a vault in another region in prod: a region that is lost takes its backups with it."
    }
  }
}

resource "aws_backup_selection" "this" {
  name         = local.id
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this.arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = var.selection_tag.key
    value = var.selection_tag.value
  }
}

resource "aws_iam_role" "this" {
  name                 = "${local.id}-backup"
  description          = "AWS Backup for ${local.id}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      # No condition: AWS documents none that this service sends, and a role can be handed to it only within the account.
      Effect    = "Allow"
      Principal = { Service = "backup.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# What AWS Backup needs grows with the services that it supports; AWS keeps these lists, those for buckets apart.
resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset([
    "AWSBackupServiceRolePolicyForS3Backup",
    "AWSBackupServiceRolePolicyForS3Restore",
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
  ])

  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.key}"
}
