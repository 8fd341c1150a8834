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
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-shop"
    tenant      = "acme"
    stage       = "prod"
    service     = "shop"
  }
  vpc_id             = "vpc-0a1b2c3d4e5f60718"
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"]
  security_group_ids = ["sg-0a1b2c3d4e5f60718"]
  certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  target_groups      = { web = { port = 8443 } }
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

run "a_limit_that_blocks_browsers" {
  command         = plan
  expect_failures = [var.requests_per_address]

  variables {
    requests_per_address = 10
  }
}

run "a_rule_group_that_nobody_knows" {
  command         = plan
  expect_failures = [var.counted_rule_groups]

  variables {
    counted_rule_groups = ["AWSManagedRulesSQLiRuleSet"]
  }
}

run "exploits_that_are_only_counted" {
  command         = plan
  expect_failures = [var.counted_rule_groups]

  variables {
    counted_rule_groups = ["AWSManagedRulesKnownBadInputsRuleSet"]
  }
}

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/logs"
  }
}

run "logs_for_a_week" {
  command         = plan
  expect_failures = [var.log_retention_days]

  variables {
    log_retention_days = 7
  }
}
