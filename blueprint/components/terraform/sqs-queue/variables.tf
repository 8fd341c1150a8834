variable "key_arn" {
  description = "ARN of the KMS key that encrypts every message."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): messages are never stored without a key of the platform."
  }
}

variable "fifo" {
  description = "Keep the order and refuse duplicates, by content; fewer messages a second."
  type        = bool
  default     = false
}

variable "visibility_timeout_seconds" {
  description = "Seconds in which a received message is hidden from others: longer than processing one takes, at most 43200."
  type        = number
  default     = 60

  validation {
    condition     = var.visibility_timeout_seconds >= 1 && var.visibility_timeout_seconds <= 43200
    error_message = "visibility_timeout_seconds must be 1 to 43200: with 0 every consumer gets every message."
  }
}

variable "retention_days" {
  description = "Days that an unread message is kept, 1 to 13; one less than the dead-letter queue's 14, or nothing is left to look at there."
  type        = number
  default     = 7

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 13 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number from 1 to 13: a message keeps its age when it moves to the dead-letter queue, which keeps 14 days."
  }
}

variable "max_receive_count" {
  description = "Times that a message is tried before it goes to the dead-letter queue, 1 to 20."
  type        = number
  default     = 5

  validation {
    condition     = var.max_receive_count >= 1 && var.max_receive_count <= 20 && floor(var.max_receive_count) == var.max_receive_count
    error_message = "max_receive_count must be a whole number from 1 to 20: a message that is tried for ever blocks the others."
  }
}

variable "max_message_bytes" {
  description = "Largest message in bytes, 1024 to 262144."
  type        = number
  default     = 262144

  validation {
    condition     = var.max_message_bytes >= 1024 && var.max_message_bytes <= 262144
    error_message = "max_message_bytes must be 1024 to 262144."
  }
}

variable "source_topic_arns" {
  description = "ARNs of the SNS topics of this account that may send to the queue."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.source_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", arn))])
    error_message = "source_topic_arns must be ARNs of topics without wildcards: anybody's topic could fill the queue otherwise."
  }
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear of messages in the dead-letter queue. Production has at least one."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", arn))])
    error_message = "alarm_topic_arns must be ARNs of topics."
  }

  validation {
    condition     = var.stage != "prod" || length(var.alarm_topic_arns) > 0
    error_message = "alarm_topic_arns must name a topic in prod: after 14 days in the dead-letter queue a message is gone, and nobody has heard of it."
  }
}
