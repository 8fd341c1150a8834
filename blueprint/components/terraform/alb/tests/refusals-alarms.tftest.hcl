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

run "alarms_that_nobody_hears_in_prod" {
  command         = plan
  expect_failures = [var.alarm_topic_arns]

  variables {
    stage            = "prod"
    alarm_topic_arns = []
  }
}

run "an_alarm_to_no_topic" {
  command         = plan
  expect_failures = [var.alarm_topic_arns]

  variables {
    alarm_topic_arns = ["alarms"]
  }
}
