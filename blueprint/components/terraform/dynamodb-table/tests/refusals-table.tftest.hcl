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

run "prod_without_protection_from_deletion" {
  command         = plan
  expect_failures = [aws_dynamodb_table.this]

  variables {
    stage               = "prod"
    deletion_protection = false
  }
}

run "prod_without_point_in_time_recovery" {
  command         = plan
  expect_failures = [aws_dynamodb_table.this]

  variables {
    stage                  = "prod"
    point_in_time_recovery = false
  }
}

run "a_key_without_a_type" {
  command         = plan
  expect_failures = [aws_dynamodb_table.this]

  variables {
    range_key = "taken_at"
  }
}

run "a_projection_that_is_none" {
  command         = plan
  expect_failures = [var.global_secondary_indexes]

  variables {
    global_secondary_indexes = { by-owner = { hash_key = "album", projection_type = "SOME" } }
  }
}

run "a_billing_mode_that_is_none" {
  command         = plan
  expect_failures = [var.billing_mode]

  variables {
    billing_mode = "FREE"
  }
}

run "a_table_class_that_is_none" {
  command         = plan
  expect_failures = [var.table_class]

  variables {
    table_class = "GLACIER"
  }
}
