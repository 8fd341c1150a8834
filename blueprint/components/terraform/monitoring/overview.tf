# All that an environment runs, on one page. CloudWatch looks for whatever has the environment in its name when the page is opened,
# so what is made later is on it, and nothing is listed here.
locals {
  overview = coalesce(var.overview, var.stage == "prod")

  charts = [
    { title = "Load balancers: seconds to answer", of = "AWS/ApplicationELB,LoadBalancer", metric = "TargetResponseTime", stat = "p95" },
    { title = "Load balancers: errors of targets", of = "AWS/ApplicationELB,LoadBalancer", metric = "HTTPCode_Target_5XX_Count", stat = "Sum" },
    { title = "Clusters: pods that fit on no node", of = "AWS/EKS,ClusterName", metric = "scheduler_pending_pods_UNSCHEDULABLE", stat = "Maximum" },
    { title = "Queues: seconds that the oldest message waits", of = "AWS/SQS,QueueName", metric = "ApproximateAgeOfOldestMessage", stat = "Maximum" },
    { title = "Databases: processor, per cent", of = "AWS/RDS,DBInstanceIdentifier", metric = "CPUUtilization", stat = "Average" },
    { title = "Databases: bytes of storage left", of = "AWS/RDS,DBInstanceIdentifier", metric = "FreeStorageSpace", stat = "Minimum" },
    { title = "Tables: units read", of = "AWS/DynamoDB,TableName", metric = "ConsumedReadCapacityUnits", stat = "Sum" },
    { title = "Tables: units written", of = "AWS/DynamoDB,TableName", metric = "ConsumedWriteCapacityUnits", stat = "Sum" },
  ]
}

resource "aws_cloudwatch_dashboard" "environment" {
  count = local.overview ? 1 : 0

  dashboard_name = local.id

  dashboard_body = jsonencode({
    widgets = [for index, chart in local.charts : {
      type   = "metric"
      x      = 12 * (index % 2)
      y      = 6 * floor(index / 2)
      width  = 12
      height = 6
      properties = {
        title   = chart.title
        region  = var.region
        view    = "timeSeries"
        period  = 300
        metrics = [[{ expression = "SEARCH('{${chart.of}} MetricName=\"${chart.metric}\" ${var.tenant} ${var.environment} ${var.stage}', '${chart.stat}', 300)" }]]
      }
    }]
  })
}
