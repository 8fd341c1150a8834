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

run "no_schedule" {
  command         = plan
  expect_failures = [var.rules]

  variables {
    rules = { daily = { schedule = "daily", delete_after_days = 35 } }
  }
}

run "no_rules" {
  command         = plan
  expect_failures = [var.rules]

  variables {
    rules = {}
  }
}

run "for_ever_and_a_day" {
  command         = plan
  expect_failures = [var.max_retention_days]

  variables {
    max_retention_days = 36501
  }
}

run "a_lock_that_keeps_nothing" {
  command         = plan
  expect_failures = [aws_backup_vault_lock_configuration.this]

  variables {
    min_retention_days = 35
    max_retention_days = 30
    rules              = { daily = { schedule = "cron(0 3 * * ? *)", delete_after_days = 35 } }
  }
}
