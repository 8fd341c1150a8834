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

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/s3"
  }
}

run "forgotten_after_a_month" {
  command         = plan
  expect_failures = [var.audit_days]

  variables {
    audit_days = 30
  }
}

run "a_feature_that_guardduty_has_not" {
  command         = plan
  expect_failures = [var.guardduty_features]

  variables {
    guardduty_features = ["EVERYTHING"]
  }
}

run "a_rule_that_is_not_of_aws" {
  command         = plan
  expect_failures = [var.config_rules]

  variables {
    config_rules = { mine = { identifier = "my rule", description = "Mine." } }
  }
}

run "nobody_knows_who_reads_the_trail_in_prod" {
  command         = plan
  expect_failures = [aws_s3_bucket.audit]

  variables {
    stage = "prod"
  }
}

run "a_reason_of_one_word" {
  command         = plan
  expect_failures = [var.log_exempt]

  variables {
    log_exempt = "cheaper"
  }
}

run "logs_to_an_arn" {
  command         = plan
  expect_failures = [var.log_bucket]

  variables {
    log_bucket = "arn:aws:s3:::acme-dev-tfstate-logs"
  }
}

run "logs_and_a_reason_against_them" {
  command         = plan
  expect_failures = [var.log_exempt]

  variables {
    log_bucket = "acme-dev-tfstate-logs"
    log_exempt = "nobody has ever asked for them"
  }
}
