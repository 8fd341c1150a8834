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
  administrators = ["platform-admin"]
  state_roles    = ["gaia-deployer"]
}

run "everybody_administers" {
  command         = plan
  expect_failures = [var.administrators]

  variables {
    administrators = ["*"]
  }
}

run "the_root_reads_state" {
  command         = plan
  expect_failures = [var.state_roles]

  variables {
    state_roles = ["arn:aws:iam::123456789012:root"]
  }
}

run "anybody_reads_state" {
  command         = plan
  expect_failures = [var.state_roles]

  variables {
    state_roles = ["arn:aws:iam::123456789012:role/*"]
  }
}

run "history_of_a_day" {
  command         = plan
  expect_failures = [var.history_days]

  variables {
    history_days = 1
  }
}

run "logs_of_a_week" {
  command         = plan
  expect_failures = [var.log_days]

  variables {
    log_days = 7
  }
}

run "a_name_that_s3_refuses" {
  command         = plan
  expect_failures = [var.bucket_name]

  variables {
    bucket_name = "State_1"
  }
}

run "a_bucket_whose_logs_have_too_long_a_name" {
  command         = plan
  expect_failures = [var.bucket_name]

  variables {
    bucket_name = "acme-states-of-everything-that-terraform-has-ever-made-here"
  }
}
