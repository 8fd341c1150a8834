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

run "no_logs_in_prod" {
  command         = plan
  expect_failures = [aws_s3_bucket.this]

  variables {
    stage = "prod"
  }
}

run "a_reason_of_one_word" {
  command         = plan
  expect_failures = [var.log_exempt]

  variables {
    stage      = "prod"
    log_exempt = "cheaper"
  }
}

run "logs_and_a_reason_against_them" {
  command         = plan
  expect_failures = [var.log_exempt]

  variables {
    log_bucket = "acme-dev-tfstate-logs"
    log_exempt = "nobody has ever asked for them"
  }
}

run "logs_to_the_bucket_itself" {
  command         = plan
  expect_failures = [var.log_bucket]

  variables {
    log_bucket = "acme-use1-dev-photos"
  }
}

run "logs_to_an_arn" {
  command         = plan
  expect_failures = [var.log_bucket]

  variables {
    log_bucket = "arn:aws:s3:::acme-dev-tfstate-logs"
  }
}
