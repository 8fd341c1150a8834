mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_sns_topic" {
    defaults        = { arn = "arn:aws:sns:us-east-1:123456789012:acme-use1-dev-photos" }
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

run "messages_are_encrypted_and_nobody_may_publish_in_clear" {
  command = plan

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.key_arn
    error_message = "the topic must use the platform's key"
  }

  assert {
    condition     = [for s in jsondecode(aws_sns_topic_policy.this.policy).Statement : s.Effect] == ["Deny"]
    error_message = "the policy must allow nothing by default"
  }

  assert {
    condition     = aws_sns_topic.this.tags == var.tags
    error_message = "the topic must carry the tags"
  }
}

run "a_service_publishes_for_this_account_only" {
  command = plan

  variables {
    publishing_services = ["cloudwatch"]
  }

  assert {
    condition = jsondecode(aws_sns_topic_policy.this.policy).Statement[1] == {
      Sid       = "FromCloudwatch"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
      Resource  = "arn:aws:sns:us-east-1:123456789012:acme-use1-dev-photos"
    }
    error_message = "the service must be held to this account"
  }
}

run "events_come_without_a_condition" {
  command = plan

  variables {
    publishing_services = ["events"]
  }

  assert {
    condition     = keys(jsondecode(aws_sns_topic_policy.this.policy).Statement[1]) == ["Action", "Effect", "Principal", "Resource", "Sid"]
    error_message = "EventBridge meets no condition of a topic's policy: with one no event would come"
  }
}

run "firehose_gets_the_role_it_needs" {
  command = plan

  variables {
    subscriptions = {
      lake = {
        protocol = "firehose"
        endpoint = "arn:aws:firehose:us-east-1:123456789012:deliverystream/lake"
        role_arn = "arn:aws:iam::123456789012:role/lake"
      }
    }
  }

  assert {
    condition     = aws_sns_topic_subscription.this["lake"].subscription_role_arn == "arn:aws:iam::123456789012:role/lake"
    error_message = "SNS must have the role"
  }
}

run "what_cannot_be_delivered_is_kept" {
  command = plan

  variables {
    subscriptions = {
      worker = {
        protocol              = "sqs"
        endpoint              = "arn:aws:sqs:us-east-1:123456789012:worker"
        dead_letter_queue_arn = "arn:aws:sqs:us-east-1:123456789012:worker-dead-letter"
      }
    }
  }

  assert {
    condition     = jsondecode(aws_sns_topic_subscription.this["worker"].redrive_policy).deadLetterTargetArn == "arn:aws:sqs:us-east-1:123456789012:worker-dead-letter"
    error_message = "the subscription must have its dead-letter queue"
  }
}
