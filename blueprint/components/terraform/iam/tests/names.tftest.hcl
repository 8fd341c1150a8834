mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_policy" {
    defaults        = { arn = "arn:aws:iam::123456789012:policy/mock" }
    override_during = plan
  }

  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::123456789012:role/mock" }
    override_during = plan
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults        = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
    override_during = plan
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
  regions              = ["us-east-1"]
  read_only_principals = ["arn:aws:iam::210987654321:role/auditor"]
  break_glass = {
    principals = ["arn:aws:iam::210987654321:user/ann"]
    topic_arn  = "arn:aws:sns:us-east-1:123456789012:security"
  }
}

run "the_longest_name_that_aws_takes" {
  command = plan

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnn"
  }

  assert {
    condition     = length(aws_iam_role.break_glass.name) == 64 && length(aws_cloudwatch_event_rule.break_glass.name) == 64
    error_message = "the longest name must be as long as AWS allows"
  }
}

run "one_letter_more" {
  command         = plan
  expect_failures = [aws_iam_role.break_glass]

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnnn"
  }
}

run "a_cross_account_role_with_too_long_a_name" {
  command         = plan
  expect_failures = [aws_iam_role.cross_account["auditors-of-the-other-company-who-come-once-a-year"]]

  variables {
    cross_account_roles = {
      auditors-of-the-other-company-who-come-once-a-year = {
        description        = "Auditors"
        trusted_principals = ["arn:aws:iam::999999999999:user/auditor"]
        external_id        = "0123456789abcdef"
      }
    }
  }
}
