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
  regions              = ["us-east-1"]
  read_only_principals = ["arn:aws:iam::210987654321:role/auditor"]
  break_glass = {
    principals = ["arn:aws:iam::210987654321:user/ann"]
    topic_arn  = "arn:aws:sns:us-east-1:123456789012:security"
  }
}

run "a_tag_of_a_user_whose_session_has_none" {
  command         = plan
  expect_failures = [var.cross_account_roles]

  variables {
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = ["arn:aws:iam::210987654321:user/partner"]
        external_id        = "7f0c2e1d9b8a4c55"
        mfa                = "session-tag"
      }
    }
  }
}
