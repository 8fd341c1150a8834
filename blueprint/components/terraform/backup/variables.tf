variable "key_arn" {
  description = "ARN of the KMS key that encrypts every backup."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): backups are never stored without a key of the platform."
  }
}

variable "administrators" {
  description = "Who may delete backups and change the vault: names of roles in this account, or ARNs of roles and users. Whoever runs Terraform must be one of them."
  type        = list(string)

  validation {
    condition = length(var.administrators) > 0 && alltrue([
      for principal in var.administrators : can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+|[\\w+=,.@-]{1,64})$", principal)) && principal != "root"
    ])
    error_message = "administrators must be role names, or ARNs of roles and users: whoever takes over the account root must not be able to delete the backups."
  }
}

variable "rules" {
  description = "When backups are made and how long they are kept, by name."
  type = map(object({
    schedule          = string
    delete_after_days = number
    cold_after_days   = optional(number)
    continuous        = optional(bool, false)
  }))
  default = {
    daily   = { schedule = "cron(0 3 * * ? *)", delete_after_days = 35 }
    monthly = { schedule = "cron(0 4 1 * ? *)", delete_after_days = 365, cold_after_days = 30 }
  }

  validation {
    condition     = length(var.rules) > 0 && alltrue([for rule in var.rules : can(regex("^(cron|rate)[(].+[)]$", rule.schedule))])
    error_message = "rules must have a schedule each, for example cron(0 3 * * ? *)."
  }

  validation {
    condition     = alltrue([for rule in var.rules : rule.cold_after_days == null || try(rule.delete_after_days >= rule.cold_after_days + 90, false)])
    error_message = "what goes to cold storage must stay there for 90 days: AWS bills them anyway and refuses less."
  }

  validation {
    condition     = alltrue([for rule in var.rules : !rule.continuous || rule.delete_after_days <= 35])
    error_message = "a continuous backup can be kept for at most 35 days."
  }

  validation {
    condition = var.stage != "prod" || anytrue([
      for rule in var.rules : rule.delete_after_days >= 35 && (rule.continuous || can(regex("^(cron[(][^ ]+ [^ ]+ [*] [*] [?] [*][)]|rate[(]1 day[)]|rate[(][0-9]+ hours?[)])$", rule.schedule)))
    ])
    error_message = "rules must have one in prod that backs up every day, or continuously, and keeps it for 35 days or more: a mistake is often found after weeks."
  }
}

variable "selection_tag" {
  description = "What is backed up: everything that bears this tag."
  type = object({
    key   = string
    value = string
  })
  default = { key = "backup", value = "true" }
}

variable "copies" {
  description = "ARNs of vaults in other regions that get a copy, by name. Production has at least one."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.copies) : can(regex("^arn:aws[a-z-]*:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:[A-Za-z0-9_-]+$", arn)) && !strcontains(arn, ":${var.region}:")])
    error_message = "copies must be ARNs of vaults in other regions: a copy in the same one is lost with it."
  }
}

variable "min_retention_days" {
  description = "Days that the locked vault keeps every backup at least."
  type        = number
  default     = 7

  validation {
    condition     = var.min_retention_days >= 7
    error_message = "min_retention_days must be 7 or more: whoever breaks in deletes the backups first."
  }
}

variable "max_retention_days" {
  description = "Days after which the locked vault refuses to keep a backup."
  type        = number
  default     = 400

  validation {
    condition     = var.max_retention_days <= 36500
    error_message = "max_retention_days must be 36500 or less."
  }
}

variable "compliance_after_days" {
  description = "Days, 3 or more, after which nobody, AWS included, can take the lock off; null leaves that to administrators."
  type        = number
  default     = null

  validation {
    condition     = var.compliance_after_days == null || try(var.compliance_after_days >= 3, false)
    error_message = "compliance_after_days must be 3 or more, or null."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the boundary of the role; null for none."
  type        = string
  default     = null
}
