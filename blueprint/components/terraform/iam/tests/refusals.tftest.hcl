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

run "the_whole_world" {
  command         = plan
  expect_failures = [var.regions]

  variables {
    regions = ["*"]
  }
}

run "more_regions_than_a_policy_holds" {
  command         = plan
  expect_failures = [var.regions]

  variables {
    regions = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"]
  }
}

run "everybody_looks" {
  command         = plan
  expect_failures = [var.read_only_principals]

  variables {
    read_only_principals = ["*"]
  }
}

run "the_root_looks" {
  command         = plan
  expect_failures = [var.read_only_principals]

  variables {
    read_only_principals = ["arn:aws:iam::210987654321:root"]
  }
}

run "a_role_breaks_the_glass" {
  command         = plan
  expect_failures = [var.break_glass]

  variables {
    break_glass = { principals = ["arn:aws:iam::210987654321:role/admin"], topic_arn = "arn:aws:sns:us-east-1:123456789012:security" }
  }
}

run "nobody_hears_of_it" {
  command         = plan
  expect_failures = [var.break_glass]

  variables {
    break_glass = { principals = ["arn:aws:iam::210987654321:user/ann"], topic_arn = "" }
  }
}

run "any_repository" {
  command         = plan
  expect_failures = [var.github]

  variables {
    github = { repository = "acme/*" }
  }
}

run "any_branch" {
  command         = plan
  expect_failures = [var.github]

  variables {
    github = { repository = "acme/platform", branch = "*" }
  }
}
