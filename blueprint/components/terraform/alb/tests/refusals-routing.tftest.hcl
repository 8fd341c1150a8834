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

run "a_port_that_is_none" {
  command         = plan
  expect_failures = [var.target_groups]

  variables {
    target_groups = { web = { port = 0 } }
  }
}

run "a_protocol_that_is_none" {
  command         = plan
  expect_failures = [var.target_groups]

  variables {
    target_groups = { web = { port = 80, protocol = "TCP" } }
  }
}

run "a_check_that_overlaps" {
  command         = plan
  expect_failures = [var.target_groups]

  variables {
    target_groups = { web = { port = 8443, health_check = { interval = 5, timeout = 5 } } }
  }
}

run "a_default_that_is_not_there" {
  command         = plan
  expect_failures = [var.default_target_group]

  variables {
    default_target_group = "api"
  }
}

run "a_rule_to_nowhere" {
  command         = plan
  expect_failures = [var.rules]

  variables {
    rules = { api = { priority = 1, target_group = "api", paths = ["/api/*"] } }
  }
}

run "two_rules_with_one_priority" {
  command         = plan
  expect_failures = [var.rules]

  variables {
    rules = {
      a = { priority = 1, target_group = "web", paths = ["/a"] }
      b = { priority = 1, target_group = "web", paths = ["/b"] }
    }
  }
}

run "an_idle_hour" {
  command         = plan
  expect_failures = [var.idle_timeout]

  variables {
    idle_timeout = 7200
  }
}
