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

run "both_queues_are_encrypted_and_kept_apart" {
  command = plan

  assert {
    condition     = aws_sqs_queue.this.kms_master_key_id == var.key_arn && aws_sqs_queue.dead_letter.kms_master_key_id == var.key_arn
    error_message = "both queues must use the platform's key"
  }

  assert {
    condition     = aws_sqs_queue.dead_letter.message_retention_seconds > aws_sqs_queue.this.message_retention_seconds
    error_message = "the dead-letter queue must keep messages longer"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_policy.this.redrive_policy).maxReceiveCount == 5
    error_message = "a message must be given up after some tries"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letter.redrive_allow_policy).redrivePermission == "byQueue"
    error_message = "only this queue may use the dead-letter queue"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.dead_letter.threshold == 0
    error_message = "one dead letter must raise the alarm"
  }

  assert {
    condition     = aws_sqs_queue.this.tags == var.tags && aws_sqs_queue.dead_letter.tags == var.tags
    error_message = "both queues must carry the tags"
  }
}

run "without_topics_nobody_is_allowed_and_plain_text_is_refused" {
  command = plan

  assert {
    condition     = [for s in jsondecode(aws_sqs_queue_policy.this.policy).Statement : s.Effect] == ["Deny"]
    error_message = "the policy must allow nothing"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_policy.dead_letter.policy).Statement[0].Condition == { Bool = { "aws:SecureTransport" = "false" } }
    error_message = "requests without TLS must be refused"
  }
}

run "a_topic_may_send_and_nothing_else" {
  command = plan

  variables {
    source_topic_arns = ["arn:aws:sns:us-east-1:123456789012:acme-use1-dev-uploads"]
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_policy.this.policy).Statement[1].Action == "sqs:SendMessage"
    error_message = "a topic may only send"
  }

  assert {
    condition = jsondecode(aws_sqs_queue_policy.this.policy).Statement[1].Condition == {
      ArnEquals    = { "aws:SourceArn" = ["arn:aws:sns:us-east-1:123456789012:acme-use1-dev-uploads"] }
      StringEquals = { "aws:SourceAccount" = "123456789012" }
    }
    error_message = "only the named topic of this account may send"
  }
}

run "first_in_first_out" {
  command = plan

  variables {
    fifo = true
  }

  assert {
    condition     = aws_sqs_queue.this.name == "acme-use1-dev-photos.fifo" && aws_sqs_queue.dead_letter.name == "acme-use1-dev-photos-dead-letter.fifo"
    error_message = "the names of FIFO queues must end in .fifo"
  }
}
