# What tells that soon it will be no database any more: nothing left of processor, memory or storage. Aurora's storage grows by
# itself; where storage may grow, it does so at a tenth that is left, so less than that means that it cannot.
locals {
  gigabyte = 1024 * 1024 * 1024

  alarms = { for name, one in {
    cpu     = { what = "had hardly any processor left for a quarter of an hour", metric = "CPUUtilization", statistic = "Average", comparison = "GreaterThanThreshold", threshold = 90 }
    memory  = { what = "has less than 64 MB of memory left", metric = "FreeableMemory", statistic = "Average", comparison = "LessThanThreshold", threshold = local.gigabyte / 16 }
    storage = { what = "has less than a twentieth of its storage left", metric = "FreeStorageSpace", statistic = "Minimum", comparison = "LessThanThreshold", threshold = var.allocated_storage * local.gigabyte / 20 }
  } : name => one if name != "storage" || !local.aurora }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.id}-database-${each.key}"
  alarm_description   = "${local.id} ${each.value.what}."
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { (local.aurora ? "DBClusterIdentifier" : "DBInstanceIdentifier") = local.id }
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "missing"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
