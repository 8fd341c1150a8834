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
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/sns"
  }
}

run "messages_in_clear" {
  command         = plan
  expect_failures = [var.subscriptions]

  variables {
    subscriptions = { a = { protocol = "http", endpoint = "http://example.com" } }
  }
}

run "an_https_endpoint_that_is_none" {
  command         = plan
  expect_failures = [var.subscriptions]

  variables {
    subscriptions = { a = { protocol = "https", endpoint = "http://example.com" } }
  }
}

run "a_service_that_nobody_expects" {
  command         = plan
  expect_failures = [var.publishing_services]

  variables {
    publishing_services = ["ec2"]
  }
}

run "anybody_publishes" {
  command         = plan
  expect_failures = [var.publishing_services]

  variables {
    publishing_services = ["*"]
  }
}

run "a_stream_without_a_role" {
  command         = plan
  expect_failures = [var.subscriptions]

  variables {
    subscriptions = { lake = { protocol = "firehose", endpoint = "arn:aws:firehose:us-east-1:123456789012:deliverystream/lake" } }
  }
}
