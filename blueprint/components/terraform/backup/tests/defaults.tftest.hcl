mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::123456789012:role/mock" }
    override_during = plan
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "dev"
  region      = "us-east-1"
  name        = "photos"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "dev"
    service     = "photos"
  }
  key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  administrators = ["platform-admin"]
}

run "locked_encrypted_and_chosen_by_tag" {
  command = plan

  assert {
    condition     = aws_backup_vault.this.kms_key_arn == var.key_arn
    error_message = "the vault must use the platform's key"
  }

  assert {
    condition     = aws_backup_vault_lock_configuration.this.min_retention_days == 7
    error_message = "the vault must be locked"
  }

  assert {
    condition     = jsondecode(aws_backup_vault_policy.this.policy).Statement[0].Effect == "Deny" && jsondecode(aws_backup_vault_policy.this.policy).Statement[0].Condition.ArnNotEquals["aws:PrincipalArn"] == ["arn:aws:iam::123456789012:role/platform-admin"]
    error_message = "only administrators may delete"
  }

  assert {
    condition     = one(aws_backup_selection.this.selection_tag).key == "backup" && one(aws_backup_selection.this.selection_tag).value == "true"
    error_message = "what bears the tag must be backed up"
  }

  assert {
    condition     = sort([for rule in aws_backup_plan.this.rule : rule.rule_name]) == tolist(["daily", "monthly"])
    error_message = "there must be daily and monthly backups"
  }

  assert {
    condition = sort(values(aws_iam_role_policy_attachment.this)[*].policy_arn) == tolist([
      "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup",
      "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Restore",
      "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
      "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
    ])
    error_message = "buckets have policies of their own, without which their backups fail"
  }

  assert {
    condition     = aws_backup_vault.this.tags == var.tags && aws_backup_plan.this.tags == var.tags && aws_iam_role.this.tags == var.tags
    error_message = "everything must carry the tags"
  }
}

run "prod_is_copied_to_another_region" {
  command = plan

  variables {
    stage  = "prod"
    copies = { usw2 = "arn:aws:backup:us-west-2:123456789012:backup-vault:copy" }
  }

  assert {
    condition     = alltrue([for rule in aws_backup_plan.this.rule : one(rule.copy_action).destination_vault_arn == "arn:aws:backup:us-west-2:123456789012:backup-vault:copy"])
    error_message = "each backup must be copied"
  }
}
