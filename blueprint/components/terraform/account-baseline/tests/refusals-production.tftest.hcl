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
  key_arn          = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  alarm_topic_arns = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-security"]
}

run "a_standard_that_aws_has_not" {
  command         = plan
  expect_failures = [var.security_standards]

  variables {
    security_standards = ["cis-aws-foundations-benchmark"]
  }
}

run "no_standard_in_prod" {
  command         = plan
  expect_failures = [var.security_standards]

  variables {
    stage              = "prod"
    log_bucket         = "acme-prod-tfstate-logs"
    security_standards = []
  }
}

run "nobody_watches_the_cluster_in_prod" {
  command         = plan
  expect_failures = [var.guardduty_features]

  variables {
    stage              = "prod"
    log_bucket         = "acme-prod-tfstate-logs"
    guardduty_features = ["S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"]
  }
}

run "no_rules_in_prod" {
  command         = plan
  expect_failures = [var.config_rules]

  variables {
    stage        = "prod"
    log_bucket   = "acme-prod-tfstate-logs"
    config_rules = {}
  }
}
