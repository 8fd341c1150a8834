mock_provider "aws" {
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
  kubernetes_version = "1.34"
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718", "subnet-2a1b2c3d4e5f60718"]
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  node_groups        = { general = { instance_types = ["m7i.large"], min_size = 3, max_size = 6 } }
  access_entries     = {}
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

run "the_root_has_access" {
  command         = plan
  expect_failures = [var.access_entries]

  variables {
    access_entries = { root = { principal_arn = "arn:aws:iam::123456789012:root" } }
  }
}

run "a_group_above_all_policies" {
  command         = plan
  expect_failures = [var.access_entries]

  variables {
    access_entries = { ops = { principal_arn = "arn:aws:iam::123456789012:role/ops", kubernetes_groups = ["system:masters"] } }
  }
}

run "a_policy_that_nobody_knows" {
  command         = plan
  expect_failures = [var.access_entries]

  variables {
    access_entries = { ops = { principal_arn = "arn:aws:iam::123456789012:role/ops", policies = { AdministratorAccess = [] } } }
  }
}

run "audit_logs_for_a_month" {
  command         = plan
  expect_failures = [var.log_retention_days]

  variables {
    log_retention_days = 30
  }
}

run "a_period_that_cloudwatch_lacks" {
  command         = plan
  expect_failures = [var.log_retention_days]

  variables {
    log_retention_days = 500
  }
}

run "a_boundary_that_is_no_policy" {
  command         = plan
  expect_failures = [var.permissions_boundary_arn]

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:role/boundary"
  }
}
