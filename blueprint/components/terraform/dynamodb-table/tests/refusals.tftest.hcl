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
  key_arn    = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  hash_key   = "album"
  attributes = { album = "S" }
}



run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/dynamodb"
  }
}

run "a_type_that_is_none" {
  command         = plan
  expect_failures = [var.attributes]

  variables {
    attributes = { album = "string" }
  }
}

run "a_recovery_longer_than_aws_keeps" {
  command         = plan
  expect_failures = [var.recovery_period_in_days]

  variables {
    recovery_period_in_days = 90
  }
}

run "a_stream_of_nothing_known" {
  command         = plan
  expect_failures = [var.stream_view_type]

  variables {
    stream_view_type = "ALL"
  }
}

run "items_spread_by_nothing" {
  command         = plan
  expect_failures = [var.hash_key]

  variables {
    hash_key = ""
  }
}

run "one_day_to_go_back_in_prod" {
  command         = plan
  expect_failures = [var.recovery_period_in_days]

  variables {
    stage                   = "prod"
    recovery_period_in_days = 1
  }
}

run "no_reads" {
  command         = plan
  expect_failures = [var.read_capacity]

  variables {
    read_capacity = 0
  }
}

run "no_writes" {
  command         = plan
  expect_failures = [var.write_capacity]

  variables {
    write_capacity = 0
  }
}
