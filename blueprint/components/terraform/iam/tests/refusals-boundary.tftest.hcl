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

run "an_environment_of_a_region_that_is_not_there" {
  command         = plan
  expect_failures = [var.environments]

  variables {
    environments = { eu-west-1 = "euw1" }
  }
}

run "every_environment" {
  command         = plan
  expect_failures = [var.environments]

  variables {
    environments = { us-east-1 = "*" }
  }
}
