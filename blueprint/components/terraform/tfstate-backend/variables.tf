variable "administrators" {
  description = "Who manages the bucket's history and the key: names of roles in this account, or ARNs of roles and users. Whoever runs Terraform must be one of them."
  type        = list(string)

  validation {
    condition = length(var.administrators) > 0 && alltrue([
      for principal in var.administrators : can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+|[\\w+=,.@-]{1,64})$", principal)) && principal != "root"
    ])
    error_message = "administrators must be role names, or ARNs of roles and users: the account root and wildcards would be everybody in the account."
  }
}

variable "state_roles" {
  description = "Names of roles in this account, or role ARNs, that read and write state; where another region's state is copied to, also the role that copies (its tenant-environment-stage-name-replication)."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for principal in var.state_roles : can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+|[\\w+=,.@-]{1,64})$", principal)) && principal != "root"
    ])
    error_message = "state_roles must be role names or role ARNs: state holds secrets, and wildcards would give them to everybody in the account."
  }
}

variable "bucket_name" {
  description = "Name of the bucket; null gives tenant-environment-stage-name-account."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,56}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must be 3 to 58 lower-case letters, digits and hyphens: `-logs` is put behind it."
  }

  validation {
    condition     = var.bucket_name != null || length(local.id) <= 45
    error_message = "bucket_name must be given where tenant-environment-stage-name has more than 45 characters: S3 takes 63, here with the account and -logs behind."
  }
}

variable "history_days" {
  description = "Days that an older version of a state is kept, 30 or more; the last ten versions are always kept."
  type        = number
  default     = 365

  validation {
    condition     = var.history_days >= 30 && floor(var.history_days) == var.history_days
    error_message = "history_days must be 30 or more: a broken state is often found weeks later."
  }
}

variable "log_days" {
  description = "Days that access logs are kept, 90 or more."
  type        = number
  default     = 365

  validation {
    condition     = var.log_days >= 90 && floor(var.log_days) == var.log_days
    error_message = "log_days must be 90 or more: who read a secret in the state is asked after an incident."
  }
}
