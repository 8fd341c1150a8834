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
  bucket_arn         = "arn:aws:s3:::acme-use1-dev-photos"
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  trusted_principals = ["workload-runtime"]
}

run "every_bucket" {
  command         = plan
  expect_failures = [var.bucket_arn]

  variables {
    bucket_arn = "arn:aws:s3:::*"
  }
}

run "a_path_in_the_bucket" {
  command         = plan
  expect_failures = [var.bucket_arn]

  variables {
    bucket_arn = "arn:aws:s3:::acme-use1-dev-photos/*"
  }
}

run "every_key" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "arn:aws:kms:us-east-1:123456789012:key/*"
  }
}

run "the_account_root_is_trusted" {
  command         = plan
  expect_failures = [var.trusted_principals]

  variables {
    trusted_principals = ["arn:aws:iam::123456789012:root"]
  }
}

run "everybody_is_trusted" {
  command         = plan
  expect_failures = [var.trusted_principals]

  variables {
    trusted_principals = ["*"]
  }
}

run "nobody_is_trusted" {
  command         = plan
  expect_failures = [aws_iam_role.this]

  variables {
    trusted_principals = []
  }
}

run "a_session_of_a_day" {
  command         = plan
  expect_failures = [var.max_session_duration]

  variables {
    max_session_duration = 86400
  }
}

run "a_boundary_that_is_no_policy" {
  command         = plan
  expect_failures = [var.permissions_boundary_arn]

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:role/admin"
  }
}
