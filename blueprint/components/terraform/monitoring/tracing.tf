# Traces come in by OpenTelemetry: the collector exports to X-Ray, which keeps this share of them.
resource "aws_xray_sampling_rule" "this" {
  rule_name      = substr(local.id, 0, 32)
  priority       = 1000
  version        = 1
  reservoir_size = var.tracing.reservoir
  fixed_rate     = var.tracing.rate
  host           = "*"
  http_method    = "*"
  url_path       = "*"
  service_name   = "${var.tenant}-*"
  service_type   = "*"
  resource_arn   = "*"
  tags           = var.tags
}

resource "aws_xray_group" "this" {
  for_each = var.tracing.groups

  group_name        = "${local.id}-${each.key}"
  filter_expression = each.value
  tags              = var.tags

  insights_configuration {
    insights_enabled      = true
    notifications_enabled = true
  }
}

resource "aws_xray_encryption_config" "this" {
  type   = "KMS"
  key_id = var.key_arn
}
