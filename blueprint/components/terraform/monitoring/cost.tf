# One monitor over all services learns what is usual; whatever is not, and costs enough, is told the same day. AWS allows one
# in an account, whatever the region.
resource "aws_ce_anomaly_monitor" "this" {
  count = var.anomaly_monitor == "make" ? 1 : 0

  name              = local.id
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"
  tags              = var.tags
}

resource "aws_ce_anomaly_subscription" "this" {
  count = var.anomaly_monitor == "none" ? 0 : 1

  name             = local.id
  frequency        = "IMMEDIATE"
  monitor_arn_list = [var.anomaly_monitor == "make" ? one(aws_ce_anomaly_monitor.this[*].arn) : var.anomaly_monitor]
  tags             = var.tags

  subscriber {
    type    = "SNS"
    address = aws_sns_topic.this.arn
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.anomaly_threshold)]
    }
  }

  # AWS tries the topic when the subscription is made, and does not try again.
  depends_on = [aws_sns_topic_policy.this]
}

resource "aws_budgets_budget" "this" {
  for_each = var.budgets

  name         = "${local.id}-${each.key}"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_unit   = "USD"
  limit_amount = tostring(each.value.amount)
  tags         = var.tags

  dynamic "cost_filter" {
    for_each = each.value.service == null ? [] : [each.value.service]

    content {
      name   = "TagKeyValue"
      values = [format("user:service$%s", cost_filter.value)]
    }
  }

  dynamic "notification" {
    for_each = { "ACTUAL" = each.value.actual_percent, "FORECASTED" = each.value.forecast_percent }

    content {
      notification_type         = notification.key
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      subscriber_sns_topic_arns = [aws_sns_topic.this.arn]
    }
  }
}
