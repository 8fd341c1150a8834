data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_cloudwatch_log_group" "this" {
  for_each = var.log_groups

  name              = "/${var.tenant}/${var.environment}/${var.stage}/${each.key}"
  kms_key_id        = var.key_arn
  retention_in_days = coalesce(each.value.retention_days, var.stage == "prod" ? 365 : 30)
  tags              = var.tags
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = var.metric_filters

  name           = "${local.id}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.this[each.value.log_group].name
  pattern        = each.value.pattern

  metric_transformation {
    name          = each.key
    namespace     = local.namespace
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = var.queries

  name            = "${local.id}/${each.key}"
  log_group_names = [for group in each.value.log_groups : aws_cloudwatch_log_group.this[group].name]
  query_string    = each.value.query
}

locals {
  namespace = "Gaia/${local.id}"
}
