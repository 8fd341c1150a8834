# What callers notice: answers that fail, whoever is to blame, and of each target group somebody who is ill.
locals {
  alarms = merge(
    {
      failing = { what = "could not answer, more than 10 times in 5 minutes: no target, or none in time", metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum", threshold = 10, times = 1, group = null }
      erring  = { what = "has targets that answered with errors, more than 50 times in 5 minutes", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", threshold = 50, times = 1, group = null }
    },
    { for key in keys(var.target_groups) : "unhealthy-${key}" => { what = "has had ill targets in ${key} for 15 minutes", metric = "UnHealthyHostCount", statistic = "Minimum", threshold = 0, times = 3, group = key } },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.id}-${each.key}"
  alarm_description   = "${local.id} ${each.value.what}."
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.value.metric
  dimensions          = merge({ LoadBalancer = aws_lb.this.arn_suffix }, { for key in each.value.group[*] : "TargetGroup" => aws_lb_target_group.this[key].arn_suffix })
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = each.value.times
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
