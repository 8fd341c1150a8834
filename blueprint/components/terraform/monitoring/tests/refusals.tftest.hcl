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

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/sns"
  }
}

run "an_empty_chart" {
  command         = plan
  expect_failures = [var.services]

  variables {
    services = { photos = { description = "Photos", signals = [] } }
  }
}

run "logs_for_ever" {
  command         = plan
  expect_failures = [var.log_groups]

  variables {
    log_groups = { photos = { retention_days = 0 } }
  }
}

run "a_filter_of_no_log_group" {
  command         = plan
  expect_failures = [var.metric_filters]

  variables {
    metric_filters = { errors = { log_group = "photos", pattern = "ERROR" } }
  }
}

run "a_query_of_no_log_group" {
  command         = plan
  expect_failures = [var.queries]

  variables {
    queries = { slowest = { log_groups = ["photos"], query = "fields @timestamp" } }
  }
}

run "no_budget" {
  command         = plan
  expect_failures = [var.budgets]

  variables {
    budgets = {}
  }
}

run "alarms_in_clear" {
  command         = plan
  expect_failures = [var.subscriptions]

  variables {
    subscriptions = { pager = { protocol = "http", endpoint = "http://example.com" } }
  }
}

run "more_than_every_trace" {
  command         = plan
  expect_failures = [var.tracing]

  variables {
    tracing = { rate = 5 }
  }
}
