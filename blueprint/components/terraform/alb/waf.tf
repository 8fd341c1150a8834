locals {
  # What attacks everybody: known bad addresses, the usual injections, and exploits such as Log4Shell.
  rule_groups = ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"]
}

resource "aws_wafv2_web_acl" "this" {
  name        = local.id
  description = "What reaches the load balancer ${local.id}"
  scope       = "REGIONAL"
  tags        = merge(var.tags, { Name = local.id })

  default_action {
    allow {}
  }

  rule {
    name     = "too-many-requests"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit              = var.requests_per_address
        aggregate_key_type = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "too-many-requests"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.rule_groups

    content {
      name     = rule.value
      priority = 10 + rule.key

      override_action {
        dynamic "none" {
          for_each = contains(var.counted_rule_groups, rule.value) ? [] : [true]
          content {}
        }

        dynamic "count" {
          for_each = contains(var.counted_rule_groups, rule.value) ? [true] : []
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.value
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.id
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = aws_lb.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}

# AWS wants this beginning of the name.
resource "aws_cloudwatch_log_group" "waf" {
  name              = "aws-waf-logs-${local.id}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
  tags              = var.tags
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.waf.arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "cookie"
    }
  }
}
