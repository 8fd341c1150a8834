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

run "a_backup_a_year_in_prod" {
  command         = plan
  expect_failures = [var.rules]

  variables {
    stage  = "prod"
    copies = { euw1 = "arn:aws:backup:eu-west-1:123456789012:backup-vault:acme-euw1-prod-vault" }
    rules  = { yearly = { schedule = "cron(0 3 1 1 ? *)", delete_after_days = 365 } }
  }
}

run "a_week_of_backups_in_prod" {
  command         = plan
  expect_failures = [var.rules]

  variables {
    stage  = "prod"
    copies = { euw1 = "arn:aws:backup:eu-west-1:123456789012:backup-vault:acme-euw1-prod-vault" }
    rules  = { daily = { schedule = "cron(0 3 * * ? *)", delete_after_days = 7 } }
  }
}
