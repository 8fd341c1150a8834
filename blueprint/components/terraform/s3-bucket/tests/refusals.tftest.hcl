mock_provider "aws" {}

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
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "no_key" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = ""
  }
}

run "an_alias_for_a_key" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "arn:aws:kms:us-east-1:123456789012:alias/aws/s3"
  }
}

run "a_name_with_a_dot" {
  command         = plan
  expect_failures = [var.bucket_name]

  variables {
    bucket_name = "photos.example.com"
  }
}

run "no_days_at_all" {
  command         = plan
  expect_failures = [var.noncurrent_version_days]

  variables {
    noncurrent_version_days = 0
  }
}

run "forced_destruction_in_prod" {
  command         = plan
  expect_failures = [aws_s3_bucket.this]

  variables {
    stage         = "prod"
    log_bucket    = "acme-prod-tfstate-logs"
    force_destroy = true
  }
}

run "no_versions_in_prod" {
  command         = plan
  expect_failures = [aws_s3_bucket.this]

  variables {
    stage      = "prod"
    log_bucket = "acme-prod-tfstate-logs"
    versioning = false
  }
}

run "old_versions_gone_after_a_day_in_prod" {
  command         = plan
  expect_failures = [var.noncurrent_version_days]

  variables {
    stage                   = "prod"
    log_bucket              = "acme-prod-tfstate-logs"
    noncurrent_version_days = 1
  }
}
