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
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  budgets = { all = { amount = 1000 } }
}

run "logs_of_a_week_in_prod" {
  command         = plan
  expect_failures = [var.log_groups]

  variables {
    stage         = "prod"
    subscriptions = { on-call = { protocol = "email", endpoint = "on-call@example.com" } }
    log_groups    = { shop = { retention_days = 7 } }
  }
}

run "nobody_hears_of_an_alarm_in_prod" {
  command         = plan
  expect_failures = [var.subscriptions]

  variables {
    stage = "prod"
  }
}

run "an_address_that_is_not_encrypted" {
  command         = plan
  expect_failures = [var.subscriptions]

  variables {
    subscriptions = { on-call = { protocol = "https", endpoint = "http://example.com" } }
  }
}

run "told_when_the_money_is_spent" {
  command         = plan
  expect_failures = [var.budgets]

  variables {
    budgets = { all = { amount = 100, actual_percent = 1000 } }
  }
}
