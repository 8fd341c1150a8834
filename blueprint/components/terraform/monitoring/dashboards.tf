locals {
  # The four signals that tell whether a service is well: how many, how slow, how wrong, how full. Two in a row.
  signals = {
    for name, service in var.services : name => [
      for index, signal in service.signals : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 2 + 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = signal.title
          region  = var.region
          view    = "timeSeries"
          stat    = signal.stat
          period  = 60
          metrics = [for metric in signal.metrics : concat([metric.namespace, metric.name], flatten([for key, value in metric.dimensions : [key, value]]))]
          annotations = {
            horizontal = signal.limit == null ? [] : [{ label = "limit", value = signal.limit }]
          }
        }
      }
    ]
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = var.services

  dashboard_name = "${local.id}-${each.key}"

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "text"
        x          = 0
        y          = 0
        width      = 24
        height     = 2
        properties = { markdown = "# ${each.key}\n${each.value.description}" }
      }],
      local.signals[each.key],
    )
  })
}
