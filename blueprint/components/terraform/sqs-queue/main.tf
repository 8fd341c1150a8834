data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  suffix = var.fifo ? ".fifo" : ""
  # Written out, so that a preview shows the policies; the attribute of a new queue is known only after apply.
  arns = {
    for name in [local.id, "${local.id}-dead-letter"] :
    name => "arn:${data.aws_partition.current.partition}:sqs:${var.region}:${data.aws_caller_identity.current.account_id}:${name}${local.suffix}"
  }

  tls_only = {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = "*"
    Action    = "sqs:*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }

  # SNS is the only service that may send; each topic is named, and must be of this account.
  from_topics = [for statement in [{
    Sid       = "FromTopics"
    Effect    = "Allow"
    Principal = { Service = "sns.amazonaws.com" }
    Action    = "sqs:SendMessage"
    Condition = {
      ArnEquals    = { "aws:SourceArn" = var.source_topic_arns }
      StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
    }
  }] : statement if length(var.source_topic_arns) > 0]
}

resource "aws_sqs_queue" "this" {
  name                              = "${local.id}${local.suffix}"
  fifo_queue                        = var.fifo
  content_based_deduplication       = var.fifo
  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 300
  visibility_timeout_seconds        = var.visibility_timeout_seconds
  message_retention_seconds         = var.retention_days * 86400
  receive_wait_time_seconds         = 20
  max_message_size                  = var.max_message_bytes
  tags                              = var.tags
}

resource "aws_sqs_queue" "dead_letter" {
  name                              = "${local.id}-dead-letter${local.suffix}"
  fifo_queue                        = var.fifo
  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 300
  # Longer than the queue's own: a message keeps the age that it had when it moves.
  message_retention_seconds = 14 * 86400
  receive_wait_time_seconds = 20
  tags                      = var.tags

  lifecycle {
    precondition {
      condition     = length("${local.id}-dead-letter${local.suffix}") <= 80
      error_message = "tenant-environment-stage-name must have at most 63 characters: SQS takes 80 for a queue, here with -dead-letter.fifo behind."
    }
  }
}

resource "aws_sqs_queue_redrive_policy" "this" {
  queue_url = aws_sqs_queue.this.url

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter.arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letter" {
  queue_url = aws_sqs_queue.dead_letter.url

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this.arn]
  })
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.url

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in concat([local.tls_only], local.from_topics) : merge(statement, { Resource = local.arns[local.id] })]
  })

  # One after the other: the emulator forgets the policy of a queue when its redrive policy is set later.
  depends_on = [aws_sqs_queue_redrive_policy.this]
}

resource "aws_sqs_queue_policy" "dead_letter" {
  queue_url = aws_sqs_queue.dead_letter.url

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [merge(local.tls_only, { Resource = local.arns["${local.id}-dead-letter"] })]
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letter" {
  alarm_name          = "${local.id}-dead-letter"
  alarm_description   = "Messages of ${local.id} could not be processed ${var.max_receive_count} times."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letter.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
