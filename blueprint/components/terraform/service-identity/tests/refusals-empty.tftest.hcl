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
  trusted_principals = ["workload-runtime"]
  bucket_arn         = "arn:aws:s3:::acme-use1-dev-photos"
}

run "a_grant_of_nothing" {
  command         = plan
  expect_failures = [var.grants]

  variables {
    grants = { all = { actions = [], resources = ["arn:aws:sqs:us-east-1:123456789012:jobs"] } }
  }
}

run "an_identity_that_may_do_nothing" {
  command         = plan
  expect_failures = [aws_iam_role.this]

  variables {
    bucket_arn = null
    key_arn    = null
    grants     = {}
  }
}
