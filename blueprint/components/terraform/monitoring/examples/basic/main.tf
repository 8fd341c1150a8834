# A service with its signals, an alarm that wakes somebody, and a budget.
module "monitoring" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "photos"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "prod"
    service     = "photos"
  }

  key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"

  subscriptions = { on-call = { protocol = "email", endpoint = "on-call@example.com" } }

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
