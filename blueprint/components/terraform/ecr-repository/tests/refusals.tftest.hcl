mock_provider "aws" {}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-shop"
    tenant      = "acme"
    stage       = "prod"
    service     = "shop"
  }
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/ecr"
  }
}

run "a_path_with_capitals" {
  command         = plan
  expect_failures = [var.path]

  variables {
    path = "Worker"
  }
}

run "everybody_pulls" {
  command         = plan
  expect_failures = [var.pull_principals]

  variables {
    pull_principals = ["*"]
  }
}

run "an_account_pushes" {
  command         = plan
  expect_failures = [var.push_principals]

  variables {
    push_principals = ["arn:aws:iam::123456789012:root"]
  }
}

run "nothing_to_roll_back_to" {
  command         = plan
  expect_failures = [var.images_kept]

  variables {
    images_kept = 1
  }
}

run "leftovers_for_ever" {
  command         = plan
  expect_failures = [var.untagged_days]

  variables {
    untagged_days = 1000
  }
}

run "images_of_production_that_vanish" {
  command         = plan
  expect_failures = [aws_ecr_repository.this]

  variables {
    force_delete = true
  }
}
