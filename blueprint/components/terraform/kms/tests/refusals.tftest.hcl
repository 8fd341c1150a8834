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
  administrators = ["gaia-deployer"]
}

run "the_account_root_as_administrator" {
  command         = plan
  expect_failures = [var.administrators]

  variables {
    administrators = ["arn:aws:iam::123456789012:root"]
  }
}

run "everybody_as_administrator" {
  command         = plan
  expect_failures = [var.administrators]

  variables {
    administrators = ["*"]
  }
}

run "nobody_as_administrator" {
  command         = plan
  expect_failures = [var.administrators]

  variables {
    administrators = []
  }
}

run "everybody_as_user" {
  command         = plan
  expect_failures = [var.user_roles]

  variables {
    user_roles = ["arn:aws:iam::123456789012:role/*"]
  }
}

run "the_account_root_as_user" {
  command         = plan
  expect_failures = [var.user_roles]

  variables {
    user_roles = ["root"]
  }
}

run "a_window_shorter_than_aws_allows" {
  command         = plan
  expect_failures = [var.deletion_window_in_days]

  variables {
    deletion_window_in_days = 1
  }
}

run "a_short_window_in_prod" {
  command         = plan
  expect_failures = [aws_kms_key.this]

  variables {
    stage                   = "prod"
    deletion_window_in_days = 7
  }
}
