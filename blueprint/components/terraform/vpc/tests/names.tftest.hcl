mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_vpc" {
    defaults = { id = "vpc-1", ipv6_cidr_block = "2600:1f18:1:1100::/56" }
  }

  mock_resource "aws_subnet" {
    defaults = {}
  }

  mock_resource "aws_nat_gateway" {
    defaults = {}
  }

  mock_resource "aws_route_table" {
    defaults = {}
  }

  mock_resource "aws_internet_gateway" {
    defaults = {}
  }

  mock_resource "aws_egress_only_internet_gateway" {
    defaults = {}
  }

  mock_resource "aws_eip" {
    defaults = {}
  }

  mock_resource "aws_vpc_endpoint" {
    defaults = {}
  }

  mock_resource "aws_default_network_acl" {
    defaults = {}
  }

  mock_resource "aws_default_security_group" {
    defaults = {}
  }

  mock_resource "aws_network_acl" {
    defaults = {}
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:flow" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/flow" }
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

run "the_longest_name_that_aws_takes" {
  command = plan

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnnnn"
  }

  assert {
    condition     = length(aws_iam_role.flow.name) == 64
    error_message = "the longest name must be as long as AWS allows"
  }
}

run "one_letter_more" {
  command         = plan
  expect_failures = [aws_iam_role.flow]

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnnnnn"
  }
}
