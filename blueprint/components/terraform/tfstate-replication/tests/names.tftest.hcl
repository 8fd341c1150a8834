mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::123456789012:role/mock" }
    override_during = plan
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
  bucket_name = "acme-use1-dev-photos-123456789012"
  key_arn     = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  destination = {
    bucket_arn = "arn:aws:s3:::copy"
    key_arn    = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"
    region     = "us-west-2"
  }
}

run "the_longest_name_that_aws_takes" {
  command = plan

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnn"
  }

  assert {
    condition     = length(aws_iam_role.replication.name) == 64
    error_message = "the longest name must be as long as AWS allows"
  }
}

run "one_letter_more" {
  command         = plan
  expect_failures = [aws_iam_role.replication]

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnnn"
  }
}
