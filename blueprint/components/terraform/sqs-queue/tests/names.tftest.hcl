mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:us-east-1:123456789012:acme-use1-dev-photos"
      url = "https://sqs.us-east-1.amazonaws.com/123456789012/acme-use1-dev-photos"
    }
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
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}

run "the_longest_name_that_aws_takes" {
  command = plan

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
    fifo        = true
  }

  assert {
    condition     = length(aws_sqs_queue.dead_letter.name) == 80
    error_message = "the longest name must be as long as AWS allows"
  }
}

run "one_letter_more" {
  command         = plan
  expect_failures = [aws_sqs_queue.dead_letter]

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
    fifo        = true
  }
}
