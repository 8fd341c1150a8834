locals {
  # X-Ray takes 32 characters; what is cut off lives on in the hash.
  xray_names = {
    for name in concat([local.id], [for group in keys(var.tracing.groups) : "${local.id}-${group}"]) :
    name => length(name) <= 32 ? name : "${trimsuffix(substr(name, 0, 25), "-")}-${substr(sha1(name), 0, 6)}"
  }
}

# Traces come in by OpenTelemetry: the collector exports to X-Ray, which keeps this share of them.
resource "aws_xray_sampling_rule" "this" {
  rule_name      = local.xray_names[local.id]
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

  group_name        = local.xray_names["${local.id}-${each.key}"]
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
