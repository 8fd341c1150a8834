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

run "another_role_taken_on" {
  command         = plan
  expect_failures = [var.grants]

  variables {
    grants = { roles = { actions = ["sts:AssumeRole"], resources = ["arn:aws:iam::123456789012:role/other"] } }
  }
}

run "every_key" {
  command         = plan
  expect_failures = [var.grants]

  variables {
    grants = { keys = { actions = ["kms:Decrypt"], resources = ["arn:aws:kms:us-east-1:123456789012:key/*"] } }
  }
}

run "every_secret" {
  command         = plan
  expect_failures = [var.grants]

  variables {
    grants = { secrets = { actions = ["secretsmanager:GetSecretValue"], resources = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:*"] } }
  }
}
