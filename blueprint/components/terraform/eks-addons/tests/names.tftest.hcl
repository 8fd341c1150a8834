mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/addon" }
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
  cluster_name   = "acme-use1-prod-apps"
  volume_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "the_longest_name_that_aws_takes" {
  command = plan

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnn"
  }

  assert {
    condition     = max([for role in aws_iam_role.this : length(role.name)]...) == 64
    error_message = "the longest name must be as long as AWS allows"
  }
}

run "one_letter_more" {
  command         = plan
  expect_failures = [aws_iam_role.this]

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnn"
  }
}
