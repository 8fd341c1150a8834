variable "key_arn" {
  description = "ARN of the KMS key that encrypts logs, alarms and traces; its policy must let logs, cloudwatch, sns, budgets and costalerts use it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): logs and alarms are never stored without a key of the platform."
  }
}

variable "services" {
  description = "A dashboard each: what the service is, and its signals, each a chart of metrics with a limit."
  type = map(object({
    description = string
    signals = list(object({
      title = string
      stat  = optional(string, "Average")
      limit = optional(number)
      metrics = list(object({
        namespace  = string
        name       = string
        dimensions = map(string)
      }))
    }))
  }))
  default = {}

  validation {
    condition     = alltrue([for service in var.services : length(service.signals) > 0 && alltrue([for signal in service.signals : length(signal.metrics) > 0])])
    error_message = "each service must have signals, and each signal metrics: an empty chart looks like a quiet service."
  }
}

variable "overview" {
  description = "Whether there is a dashboard of all that the environment runs. By default in production only: beyond three, AWS charges for each."
  type        = bool
  default     = null
}

variable "log_groups" {
  description = "Log groups to make, by the end of their names; without retention_days a year in prod and 30 days elsewhere."
  type = map(object({
    retention_days = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for group in var.log_groups : group.retention_days == null || try(contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2557, 3653], group.retention_days), false)])
    error_message = "retention_days must be one that CloudWatch has (7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2557, 3653); for ever is not one of them."
  }

  validation {
    condition     = var.stage != "prod" || alltrue([for group in var.log_groups : coalesce(group.retention_days, 365) >= 365])
    error_message = "retention_days must be 365 or more in prod: break-ins are found after months."
  }
}

variable "metric_filters" {
  description = "Metrics counted from lines of a log group, by name."
  type = map(object({
    log_group = string
    pattern   = string
  }))
  default = {}

  validation {
    condition     = alltrue([for filter in var.metric_filters : contains(keys(var.log_groups), filter.log_group)])
    error_message = "each metric filter must name one of log_groups."
  }
}

variable "queries" {
  description = "Queries saved for the people who look at logs at night, by name."
  type = map(object({
    log_groups = list(string)
    query      = string
  }))
  default = {}

  validation {
    condition     = alltrue(flatten([for query in var.queries : [for group in query.log_groups : contains(keys(var.log_groups), group)]]))
    error_message = "each query must name some of log_groups."
  }
}

variable "alarms" {
  description = "Alarms on metrics, by name; without a namespace on the metrics of metric_filters."
  type = map(object({
    description         = string
    metric              = string
    namespace           = optional(string)
    dimensions          = optional(map(string), {})
    statistic           = optional(string, "Sum")
    extended_statistic  = optional(string)
    comparison          = optional(string, "GreaterThanThreshold")
    threshold           = number
    period              = optional(number, 60)
    evaluation_periods  = optional(number, 5)
    datapoints_to_alarm = optional(number, 3)
    missing             = optional(string, "notBreaching")
  }))
  default = {}

  validation {
    condition     = alltrue([for alarm in var.alarms : length(alarm.description) >= 20])
    error_message = "the description of an alarm must say what to do: whoever is woken reads nothing else."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : alarm.datapoints_to_alarm <= alarm.evaluation_periods])
    error_message = "datapoints_to_alarm must not be more than evaluation_periods: such an alarm never rings."
  }
}

variable "composite_alarms" {
  description = "Alarms that ring when all or any of some others do, by name; those others ring no more by themselves."
  type = map(object({
    description = string
    alarms      = list(string)
    when        = optional(string, "all")
  }))
  default = {}

  validation {
    condition     = alltrue([for one in var.composite_alarms : contains(["all", "any"], one.when) && length(one.alarms) > 0 && alltrue([for name in one.alarms : contains(keys(var.alarms), name)])])
    error_message = "a composite alarm must name some of alarms, and when must be all or any."
  }
}

variable "subscriptions" {
  description = "Who hears of alarms, by name."
  type = map(object({
    protocol = string
    endpoint = string
  }))
  default = {}

  validation {
    condition     = alltrue([for one in var.subscriptions : contains(["email", "https", "sqs", "lambda"], one.protocol)])
    error_message = "the protocol of a subscription must be email, https, sqs or lambda: http would carry alarms in clear."
  }

  validation {
    condition     = alltrue([for one in var.subscriptions : one.protocol != "https" || startswith(one.endpoint, "https://")])
    error_message = "the endpoint of an https subscription must begin with https://."
  }

  validation {
    condition     = var.stage != "prod" || length(var.subscriptions) > 0
    error_message = "subscriptions must name somebody in prod: an alarm that nobody hears is none."
  }
}

variable "tracing" {
  description = "Traces a second that are always kept, the share of the others, and groups by X-Ray's filter expressions."
  type = object({
    reservoir = optional(number, 1)
    rate      = optional(number, 0.05)
    groups    = optional(map(string), { errors = "error = true OR fault = true", slow = "responsetime > 2" })
  })
  default = {}

  validation {
    condition     = var.tracing.rate >= 0 && var.tracing.rate <= 1
    error_message = "tracing.rate must be a share from 0 to 1."
  }
}

variable "anomaly_monitor" {
  description = "make the account's monitor of unusual cost, use the one with this ARN (AWS makes one in accounts since 2023), or none: where another region of the account watches it."
  type        = string
  default     = "make"

  validation {
    condition     = can(regex("^(make|none|arn:aws[a-z-]*:ce::[0-9]{12}:anomalymonitor/[a-z0-9-]+)$", var.anomaly_monitor))
    error_message = "anomaly_monitor must be make, none or the ARN of a monitor: AWS refuses a second one over all services of an account."
  }
}

variable "anomaly_threshold" {
  description = "US dollars of unusual cost from which somebody is told."
  type        = number
  default     = 100

  validation {
    condition     = var.anomaly_threshold > 0
    error_message = "anomaly_threshold must be more than 0."
  }
}

variable "budgets" {
  description = "US dollars a month, by name; of one service by its tag, or of all."
  type = map(object({
    amount           = number
    service          = optional(string)
    actual_percent   = optional(number, 80)
    forecast_percent = optional(number, 100)
  }))

  validation {
    condition     = length(var.budgets) > 0 && alltrue([for budget in var.budgets : budget.amount > 0])
    error_message = "budgets must hold at least one, with an amount: a stack without a budget is found by its bill."
  }

  validation {
    condition     = alltrue([for budget in var.budgets : budget.actual_percent > 0 && budget.actual_percent <= 100 && budget.forecast_percent > 0 && budget.forecast_percent <= 150])
    error_message = "actual_percent must be at most 100 and forecast_percent at most 150: who hears of it after the money is spent cannot help."
  }

  validation {
    condition     = alltrue([for name in keys(var.budgets) : length("${local.id}-${name}") <= 100])
    error_message = "names of budgets must have at most ${99 - length(local.id)} characters: AWS takes 100, here with tenant-environment-stage-name before."
  }
}
