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
  key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  administrators = ["gaia-deployer"]
  secrets        = { database = { description = "Password", readers = ["acme-use1-dev-photos"] } }
}

run "an_empty_reason" {
  command         = plan
  expect_failures = [var.secrets]

  variables {
    stage   = "prod"
    secrets = { payment = { description = "Key", readers = ["shop"], rotation_exempt = "" } }
  }
}

run "a_reason_of_one_word" {
  command         = plan
  expect_failures = [var.secrets]

  variables {
    secrets = { payment = { description = "Key", readers = ["shop"], rotation_exempt = "later" } }
  }
}

run "gone_after_a_week_in_prod" {
  command         = plan
  expect_failures = [var.recovery_window_in_days]

  variables {
    stage                   = "prod"
    recovery_window_in_days = 7
  }
}
