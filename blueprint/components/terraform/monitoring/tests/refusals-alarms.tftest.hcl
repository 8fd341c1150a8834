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

run "an_alarm_that_does_not_say_what_to_do" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { errors = { description = "Errors", metric = "errors", threshold = 1 } }
  }
}

run "an_alarm_that_never_rings" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { errors = { description = "Errors: look at the log and roll back.", metric = "errors", threshold = 1, evaluation_periods = 1 } }
  }
}

run "a_composite_of_nothing_known" {
  command         = plan
  expect_failures = [var.composite_alarms]

  variables {
    composite_alarms = { down = { description = "Down", alarms = ["errors"] } }
  }
}

run "anomalies_of_nothing" {
  command         = plan
  expect_failures = [var.anomaly_threshold]

  variables {
    anomaly_threshold = 0
  }
}

run "a_monitor_that_is_neither_made_nor_there" {
  command         = plan
  expect_failures = [var.anomaly_monitor]

  variables {
    anomaly_monitor = "acme"
  }
}

run "a_budget_with_too_long_a_name" {
  command         = plan
  expect_failures = [var.budgets]

  variables {
    budgets = { the-budget-of-everything-that-the-team-of-the-shop-has-ever-thought-of-in-all-of-its-lives = { amount = 100 } }
  }
}
