variable "administrators" {
  description = "Who manages the key: names of roles in this account, or ARNs of roles and users. Whoever runs Terraform must be one of them, or AWS refuses the policy as a lock-out."
  type        = list(string)

  validation {
    condition     = length(var.administrators) > 0
    error_message = "administrators must name at least one principal: a key that nobody manages cannot be deleted."
  }

  validation {
    condition = alltrue([
      for principal in var.administrators :
      can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+|[\\w+=,.@-]{1,64})$", principal)) && principal != "root"
    ])
    error_message = "administrators must be role names, or ARNs of roles and users: the account root and wildcards would give the key to everybody in the account."
  }
}

variable "user_roles" {
  description = "Names of roles in this account, or role ARNs, that may encrypt and decrypt with the key through `via_services`. A role may be named before it exists."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for principal in var.user_roles :
      can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+|[\\w+=,.@-]{1,64})$", principal)) && principal != "root"
    ])
    error_message = "user_roles must be role names or role ARNs: the account root and wildcards would give the data to everybody in the account."
  }
}

variable "via_services" {
  description = "AWS services through which user_roles may use the key, by the first part of their endpoints, for example s3, dynamodb, secretsmanager."
  type        = list(string)
  default     = ["s3"]

  validation {
    condition     = length(var.via_services) > 0 && alltrue([for service in var.via_services : can(regex("^[a-z][a-z0-9-]{1,30}$", service))])
    error_message = "via_services must name at least one service, for example s3: a role that may use a key directly can decrypt data that it was given by somebody else."
  }
}

variable "aws_services" {
  description = "AWS services that use the key by themselves, for this account only: logs, sns, cloudwatch, events, cloudtrail, config, backup, budgets, costalerts, delivery.logs, s3."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for service in var.aws_services :
      contains(["logs", "sns", "cloudwatch", "events", "cloudtrail", "config", "backup", "budgets", "costalerts", "delivery.logs", "s3"], service)
    ])
    error_message = "aws_services may hold logs, sns, cloudwatch, events, cloudtrail, config, backup, budgets, costalerts, delivery.logs and s3."
  }
}

variable "granting_roles" {
  description = "Names of roles in this account, or role ARNs, that make clusters, databases and disks with the key: they may grant it to AWS for those, and to nobody else."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for principal in var.granting_roles :
      can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+|[\\w+=,.@-]{1,64})$", principal)) && principal != "root"
    ])
    error_message = "granting_roles must be role names or role ARNs: the account root and wildcards would let everybody in the account tie things to the key."
  }
}

variable "deletion_window_in_days" {
  description = "Days in which a deleted key can be restored, 7 to 30. Production keeps 30."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_in_days >= 7 && var.deletion_window_in_days <= 30 && floor(var.deletion_window_in_days) == var.deletion_window_in_days
    error_message = "deletion_window_in_days must be a whole number from 7 to 30."
  }
}
