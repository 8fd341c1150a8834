variable "key_arn" {
  description = "ARN of the KMS key that encrypts every message."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): messages are never stored without a key of the platform."
  }
}

variable "fifo" {
  description = "Keep the order and refuse duplicates, by content. Only FIFO queues can subscribe."
  type        = bool
  default     = false
}

variable "publishing_services" {
  description = "AWS services that publish by themselves for this account: cloudwatch, events, budgets, costalerts, backup, s3."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.publishing_services : contains(["cloudwatch", "events", "budgets", "costalerts", "backup", "s3"], service)])
    error_message = "publishing_services may hold cloudwatch, events, budgets, costalerts, backup and s3."
  }
}

variable "subscriptions" {
  description = "Who hears of each message, by a name of your choice."
  type = map(object({
    protocol              = string
    endpoint              = string
    raw_message_delivery  = optional(bool, false)
    filter_policy         = optional(string)
    dead_letter_queue_arn = optional(string)
    role_arn              = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for one in var.subscriptions : contains(["sqs", "lambda", "https", "firehose", "email"], one.protocol)])
    error_message = "the protocol of a subscription must be sqs, lambda, https, firehose or email: http would carry messages in clear."
  }

  validation {
    condition     = alltrue([for one in var.subscriptions : one.protocol != "https" || startswith(one.endpoint, "https://")])
    error_message = "the endpoint of an https subscription must begin with https://."
  }

  validation {
    condition     = alltrue([for one in var.subscriptions : (one.protocol == "firehose") == (one.role_arn != null)])
    error_message = "a firehose subscription, and no other, must have the role_arn by which SNS writes to the stream."
  }
}
