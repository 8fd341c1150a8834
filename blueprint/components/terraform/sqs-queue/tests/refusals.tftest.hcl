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
    key_arn = "alias/aws/sqs"
  }
}

run "a_message_that_everybody_gets" {
  command         = plan
  expect_failures = [var.visibility_timeout_seconds]

  variables {
    visibility_timeout_seconds = 0
  }
}

run "a_queue_that_outlives_its_dead_letters" {
  command         = plan
  expect_failures = [var.retention_days]

  variables {
    retention_days = 14
  }
}

run "a_message_that_is_tried_for_ever" {
  command         = plan
  expect_failures = [var.max_receive_count]

  variables {
    max_receive_count = 1000
  }
}

run "any_topic_may_send" {
  command         = plan
  expect_failures = [var.source_topic_arns]

  variables {
    source_topic_arns = ["*"]
  }
}

run "topics_by_wildcard" {
  command         = plan
  expect_failures = [var.source_topic_arns]

  variables {
    source_topic_arns = ["arn:aws:sns:us-east-1:123456789012:*"]
  }
}

run "a_message_larger_than_a_queue_takes" {
  command         = plan
  expect_failures = [var.max_message_bytes]

  variables {
    max_message_bytes = 1048576
  }
}

run "nobody_hears_of_dead_letters_in_prod" {
  command         = plan
  expect_failures = [var.alarm_topic_arns]

  variables {
    stage = "prod"
  }
}
