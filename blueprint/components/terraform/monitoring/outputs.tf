output "topic_arn" {
  description = "ARN of the topic that alarms go to."
  value       = aws_sns_topic.this.arn
}

output "log_group_names" {
  description = "Names of the log groups, by the name that was given."
  value       = { for name, group in aws_cloudwatch_log_group.this : name => group.name }
}

output "dashboard_names" {
  description = "Names of the dashboards, by service."
  value       = { for name, dashboard in aws_cloudwatch_dashboard.this : name => dashboard.dashboard_name }
}

output "overview_name" {
  description = "Name of the dashboard of the environment; null without one."
  value       = one(aws_cloudwatch_dashboard.environment[*].dashboard_name)
}
