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

run "a_single_gateway_in_prod" {
  command         = plan
  expect_failures = [var.nat_gateway_strategy]

  variables {
    nat_gateway_strategy = "single"
  }
}

run "a_strategy_that_nobody_knows" {
  command         = plan
  expect_failures = [var.nat_gateway_strategy]

  variables {
    nat_gateway_strategy = "two"
  }
}

run "one_zone" {
  command         = plan
  expect_failures = [var.availability_zones]

  variables {
    availability_zones = ["us-east-1a"]
  }
}

run "the_same_zone_twice" {
  command         = plan
  expect_failures = [var.availability_zones]

  variables {
    availability_zones = ["us-east-1a", "us-east-1a"]
  }
}

run "a_zone_of_another_region" {
  command         = plan
  expect_failures = [var.availability_zones]

  variables {
    availability_zones = ["us-east-1a", "eu-west-1a"]
  }
}

run "a_range_that_is_too_small" {
  command         = plan
  expect_failures = [var.cidr_block]

  variables {
    cidr_block = "10.20.0.0/24"
  }
}

run "a_public_range" {
  command         = plan
  expect_failures = [var.cidr_block]

  variables {
    cidr_block = "8.8.0.0/16"
  }
}
