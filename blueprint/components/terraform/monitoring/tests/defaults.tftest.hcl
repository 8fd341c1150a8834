mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_sns_topic" {
    defaults        = { arn = "arn:aws:sns:us-east-1:123456789012:mock" }
    override_during = plan
  }

  mock_resource "aws_ce_anomaly_monitor" {
    defaults        = { arn = "arn:aws:ce::123456789012:anomalymonitor/mock" }
    override_during = plan
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "dev"
  region      = "us-east-1"
  name        = "photos"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "dev"
    service     = "photos"
  }
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"

  budgets = { all = { amount = 1000 } }

  log_groups = { photos = {} }

  metric_filters = {
    errors = { log_group = "photos", pattern = "{ $.level = \"error\" }" }
  }

  queries = {
    slowest = { log_groups = ["photos"], query = "fields @timestamp, path, duration | sort duration desc | limit 20" }
  }

  alarms = {
    errors = {
      description = "Photos answers with errors: look at the query slowest, then roll back."
      metric      = "errors"
      threshold   = 10
    }
    latency = {
      description        = "Photos is slow: look at the dashboard for its database's load."
      metric             = "TargetResponseTime"
      namespace          = "AWS/ApplicationELB"
      dimensions         = { LoadBalancer = "app/photos/0123456789abcdef" }
      extended_statistic = "p99"
      threshold          = 1.5
    }
  }

  composite_alarms = {
    photos-down = {
      description = "Photos is slow and fails: wake somebody."
      alarms      = ["errors", "latency"]
    }
  }

  services = {
    photos = {
      description = "Keeps the pictures of customers."
      signals = [
        {
          title   = "Requests"
          stat    = "Sum"
          metrics = [{ namespace = "AWS/ApplicationELB", name = "RequestCount", dimensions = { LoadBalancer = "app/photos/0123456789abcdef" } }]
        },
        {
          title   = "Latency"
          stat    = "p99"
          limit   = 1.5
          metrics = [{ namespace = "AWS/ApplicationELB", name = "TargetResponseTime", dimensions = { LoadBalancer = "app/photos/0123456789abcdef" } }]
        },
      ]
    }
  }
}

run "a_service_is_drawn_with_its_limits" {
  command = plan

  assert {
    condition     = [for widget in jsondecode(aws_cloudwatch_dashboard.this["photos"].dashboard_body).widgets : widget.type] == ["text", "metric", "metric"]
    error_message = "a chart a signal, under what the service is"
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this["photos"].dashboard_body).widgets[2].properties.annotations.horizontal[0].value == 1.5
    error_message = "a limit must be drawn"
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this["photos"].dashboard_body).widgets[1].properties.metrics == [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/photos/0123456789abcdef"]]
    error_message = "a metric must have its dimensions"
  }
}

run "an_environment_is_drawn_whole_without_a_list" {
  command = plan

  variables {
    overview = true
  }

  assert {
    condition     = aws_cloudwatch_dashboard.environment[0].dashboard_name == "acme-use1-dev-photos"
    error_message = "the dashboard must have the instance's name"
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.environment[0].dashboard_body).widgets[4].properties.metrics == [[{ expression = "SEARCH('{AWS/RDS,DBInstanceIdentifier} MetricName=\"CPUUtilization\" acme use1 dev', 'Average', 300)" }]]
    error_message = "what is drawn must be looked for by the environment's name"
  }
}

run "development_has_no_dashboard_of_all" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_dashboard.environment) == 0
    error_message = "a dashboard costs, so production has it"
  }
}

run "alarms_ring_once_and_in_secret" {
  command = plan

  assert {
    condition     = aws_cloudwatch_composite_alarm.this["photos-down"].alarm_rule == "ALARM(\"acme-use1-dev-photos-errors\") AND ALARM(\"acme-use1-dev-photos-latency\")"
    error_message = "the composite must ring when both do"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.alarm_actions) == 0])
    error_message = "its parts must be quiet"
  }

  assert {
    condition     = length(aws_cloudwatch_composite_alarm.this["photos-down"].alarm_actions) == 1
    error_message = "the composite must be heard"
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.key_arn
    error_message = "the topic must be encrypted"
  }

  assert {
    condition     = jsondecode(aws_sns_topic_policy.this.policy).Statement[1].Condition == { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    error_message = "services must publish for this account only"
  }

  assert {
    condition     = [for s in jsondecode(aws_sns_topic_policy.this.policy).Statement : keys(s) if try(s.Principal.Service, "") == "events.amazonaws.com"] == [["Action", "Effect", "Principal", "Resource", "Sid"]]
    error_message = "EventBridge must be held to nothing: it meets no condition of a topic's policy"
  }
}

run "an_account_has_one_monitor_of_cost" {
  command = plan

  variables {
    anomaly_monitor = "none"
  }

  assert {
    condition     = length(aws_ce_anomaly_monitor.this) == 0 && length(aws_ce_anomaly_subscription.this) == 0
    error_message = "a second region must make none"
  }
}

run "the_account_s_own_monitor_is_listened_to" {
  command = plan

  variables {
    anomaly_monitor = "arn:aws:ce::123456789012:anomalymonitor/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = length(aws_ce_anomaly_monitor.this) == 0 && aws_ce_anomaly_subscription.this[0].monitor_arn_list == tolist([var.anomaly_monitor])
    error_message = "the subscription must be to the monitor that is there"
  }
}

run "x_ray_takes_32_characters" {
  command = plan

  variables {
    name = "observability-of-everything"
  }

  assert {
    condition     = alltrue([for name in concat([aws_xray_sampling_rule.this.rule_name], values(aws_xray_group.this)[*].group_name) : length(name) <= 32])
    error_message = "no name may be longer"
  }

  assert {
    condition     = length(distinct(concat([aws_xray_sampling_rule.this.rule_name], values(aws_xray_group.this)[*].group_name))) == 3
    error_message = "names that are cut must differ"
  }
}

run "logs_end_and_are_encrypted" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.this["photos"].retention_in_days == 30 && aws_cloudwatch_log_group.this["photos"].kms_key_id == var.key_arn
    error_message = "logs must end after 30 days in dev"
  }

  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["errors"].log_group_name == "/acme/use1/dev/photos"
    error_message = "errors must be counted"
  }
}

run "prod_keeps_a_year_of_logs" {
  command = plan

  variables {
    stage         = "prod"
    subscriptions = { on-call = { protocol = "email", endpoint = "on-call@example.com" } }
  }

  assert {
    condition     = aws_cloudwatch_log_group.this["photos"].retention_in_days == 365
    error_message = "prod must keep a year"
  }

  assert {
    condition     = length(aws_cloudwatch_dashboard.environment) == 1
    error_message = "prod must be seen whole"
  }
}

run "cost_is_watched_and_traces_are_sampled" {
  command = plan

  assert {
    condition     = aws_ce_anomaly_monitor.this[0].monitor_dimension == "SERVICE" && aws_ce_anomaly_subscription.this[0].frequency == "IMMEDIATE"
    error_message = "unusual cost must be told the same day"
  }

  assert {
    condition     = length(aws_budgets_budget.this["all"].notification) == 2 && aws_budgets_budget.this["all"].limit_amount == "1000"
    error_message = "the budget must tell of what is spent and what will be"
  }

  assert {
    condition     = aws_xray_sampling_rule.this.fixed_rate == 0.05 && keys(aws_xray_group.this) == ["errors", "slow"] && aws_xray_encryption_config.this.type == "KMS"
    error_message = "traces must be sampled, grouped and encrypted"
  }

  assert {
    condition     = aws_sns_topic.this.tags == var.tags && aws_cloudwatch_log_group.this["photos"].tags == var.tags
    error_message = "everything must carry the tags"
  }
}
