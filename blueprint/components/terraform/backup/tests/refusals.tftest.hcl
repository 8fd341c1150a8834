mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
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

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/backup"
  }
}

run "the_root_deletes_backups" {
  command         = plan
  expect_failures = [var.administrators]

  variables {
    administrators = ["arn:aws:iam::123456789012:root"]
  }
}

run "prod_without_a_copy_elsewhere" {
  command         = plan
  expect_failures = [aws_backup_plan.this]

  variables {
    stage = "prod"
  }
}

run "a_copy_in_the_same_region" {
  command         = plan
  expect_failures = [var.copies]

  variables {
    copies = { same = "arn:aws:backup:us-east-1:123456789012:backup-vault:copy" }
  }
}

run "backups_that_last_a_day" {
  command         = plan
  expect_failures = [var.min_retention_days]

  variables {
    min_retention_days = 1
  }
}

run "a_rule_that_the_lock_refuses" {
  command         = plan
  expect_failures = [aws_backup_vault_lock_configuration.this]

  variables {
    rules = { daily = { schedule = "cron(0 3 * * ? *)", delete_after_days = 3 } }
  }
}

run "cold_storage_for_a_week" {
  command         = plan
  expect_failures = [var.rules]

  variables {
    rules = { daily = { schedule = "cron(0 3 * * ? *)", delete_after_days = 37, cold_after_days = 30 } }
  }
}

run "a_lock_without_days_to_think" {
  command         = plan
  expect_failures = [var.compliance_after_days]

  variables {
    compliance_after_days = 1
  }
}
