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

run "the_longest_name_fits" {
  command = plan

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
  }

  assert {
    condition     = length(aws_iam_role.this.name) <= 64
    error_message = "AWS takes no longer name"
  }
}
