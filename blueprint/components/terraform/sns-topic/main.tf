data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name = "${local.id}${var.fifo ? ".fifo" : ""}"
  # Written out, so that a preview shows the policy; the attribute of a new topic is known only after apply.
  arn = "arn:${data.aws_partition.current.partition}:sns:${var.region}:${data.aws_caller_identity.current.account_id}:${local.name}"

  # Only a service that acts for this account may publish by itself; roles get their rights from their own policies. EventBridge
  # sends nothing that a topic's policy could hold it to: AWS knows no condition for it, and one would silence every rule.
  from_services = [for service in var.publishing_services : merge(
    {
      Sid       = "From${title(service)}"
      Effect    = "Allow"
      Principal = { Service = "${service}.amazonaws.com" }
      Action    = "sns:Publish"
    },
    { for name, condition in { Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } } } : name => condition if service != "events" },
  )]
}

resource "aws_sns_topic" "this" {
  name                        = local.name
  fifo_topic                  = var.fifo
  content_based_deduplication = var.fifo
  kms_master_key_id           = var.key_arn
  signature_version           = 2
  tags                        = var.tags
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in concat(
      [{
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      local.from_services,
    ) : merge(statement, { Resource = local.arn })]
  })
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.subscriptions

  topic_arn            = aws_sns_topic.this.arn
  protocol             = each.value.protocol
  endpoint             = each.value.endpoint
  raw_message_delivery = each.value.raw_message_delivery
  filter_policy        = each.value.filter_policy
  # Firehose is the one protocol for which SNS needs a role of its own.
  subscription_role_arn = each.value.role_arn
  redrive_policy        = each.value.dead_letter_queue_arn == null ? null : jsonencode({ deadLetterTargetArn = each.value.dead_letter_queue_arn })
}
