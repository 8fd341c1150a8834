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
  name        = "network"
  tags = {
    cost-center = "cc-0001"
    owner       = "team-platform"
    tenant      = "acme"
    stage       = "prod"
    service     = "network"
  }

  cidr_block         = "10.20.0.0/16"
  availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/logs"
  }
}

run "logs_that_production_forgets" {
  command         = plan
  expect_failures = [var.flow_log_retention_days]

  variables {
    flow_log_retention_days = 30
  }
}

run "a_period_that_cloudwatch_lacks" {
  command         = plan
  expect_failures = [var.flow_log_retention_days]

  variables {
    flow_log_retention_days = 500
  }
}

run "a_gateway_endpoint_that_aws_lacks" {
  command         = plan
  expect_failures = [var.gateway_endpoints]

  variables {
    gateway_endpoints = ["kms"]
  }
}

run "an_endpoint_with_its_region" {
  command         = plan
  expect_failures = [var.interface_endpoints]

  variables {
    interface_endpoints = ["com.amazonaws.us-east-1.kms"]
  }
}

run "a_boundary_that_is_no_policy" {
  command         = plan
  expect_failures = [var.permissions_boundary_arn]

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:role/boundary"
  }
}
