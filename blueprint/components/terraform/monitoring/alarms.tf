# Where every alarm goes. The topic is encrypted: an alarm tells what is weak.
resource "aws_sns_topic" "this" {
  name              = local.id
  kms_master_key_id = var.key_arn
  signature_version = 2
  tags              = var.tags
}

locals {
  # Written out, so that a preview shows the policy; the attribute of a new topic is known only after apply.
  topic_arn = "arn:${data.aws_partition.current.partition}:sns:${var.region}:${data.aws_caller_identity.current.account_id}:${local.id}"
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "AlarmsBudgetsAnomalies"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "costalerts.amazonaws.com"] }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
      },
      {
        # EventBridge sends nothing that a topic's policy could hold it to; with a condition no event would come.
        Sid       = "Events"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.subscriptions

  topic_arn = aws_sns_topic.this.arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name          = "${local.id}-${each.key}"
  alarm_description   = each.value.description
  namespace           = coalesce(each.value.namespace, local.namespace)
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.extended_statistic == null ? each.value.statistic : null
  extended_statistic  = each.value.extended_statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.evaluation_periods
  datapoints_to_alarm = each.value.datapoints_to_alarm
  treat_missing_data  = each.value.missing
  actions_enabled     = true
  tags                = var.tags

  # An alarm that is part of a composite one is heard through that one.
  alarm_actions = contains(local.quiet, each.key) ? [] : [aws_sns_topic.this.arn]
  ok_actions    = contains(local.quiet, each.key) ? [] : [aws_sns_topic.this.arn]
}

locals {
  quiet = flatten([for one in var.composite_alarms : one.alarms])
}

resource "aws_cloudwatch_composite_alarm" "this" {
  for_each = var.composite_alarms

  alarm_name        = "${local.id}-${each.key}"
  alarm_description = each.value.description
  alarm_rule        = join(" ${each.value.when == "all" ? "AND" : "OR"} ", [for name in each.value.alarms : "ALARM(\"${aws_cloudwatch_metric_alarm.this[name].alarm_name}\")"])
  alarm_actions     = [aws_sns_topic.this.arn]
  ok_actions        = [aws_sns_topic.this.arn]
  tags              = var.tags
}
