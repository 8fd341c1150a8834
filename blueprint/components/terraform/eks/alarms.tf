# What AWS's control plane tells by itself (namespace AWS/EKS): it fails, it fills up, or pods find no node.
locals {
  alarms = {
    api     = { what = "answered with errors, more than 100 times in 5 minutes", metric = "apiserver_request_total_5XX", statistic = "Sum", threshold = 100, times = 1 }
    pending = { what = "has had pods for 15 minutes that fit on no node", metric = "scheduler_pending_pods_UNSCHEDULABLE", statistic = "Minimum", threshold = 0, times = 3 }
    # AWS stops writing at 8 GB; what was written until then can only be deleted.
    storage = { what = "has three quarters of the storage of its objects in use", metric = "apiserver_storage_size_bytes", statistic = "Maximum", threshold = 6 * 1024 * 1024 * 1024, times = 1 }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.id}-cluster-${each.key}"
  alarm_description   = "The cluster ${local.id} ${each.value.what}."
  namespace           = "AWS/EKS"
  metric_name         = each.value.metric
  dimensions          = { ClusterName = aws_eks_cluster.this.name }
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
