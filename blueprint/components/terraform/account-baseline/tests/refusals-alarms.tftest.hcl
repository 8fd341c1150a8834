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

run "a_break_in_that_nobody_hears_of_in_prod" {
  command         = plan
  expect_failures = [var.alarm_topic_arns]

  variables {
    stage            = "prod"
    log_bucket       = "acme-prod-tfstate-logs"
    alarm_topic_arns = []
  }
}

run "an_alarm_to_no_topic" {
  command         = plan
  expect_failures = [var.alarm_topic_arns]

  variables {
    alarm_topic_arns = ["security"]
  }
}
