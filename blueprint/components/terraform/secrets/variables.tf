variable "key_arn" {
  description = "ARN of the KMS key that encrypts every secret."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): the key's policy is the second lock."
  }
}

variable "administrators" {
  description = "Who may delete the secrets and change their policies: names of roles in this account, or ARNs of roles and users. Whoever runs Terraform must be one of them."
  type        = list(string)

  validation {
    condition = length(var.administrators) > 0 && alltrue([
      for principal in var.administrators :
      can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+|[\\w+=,.@-]{1,64})$", principal)) && principal != "root"
    ])
    error_message = "administrators must be role names, or ARNs of roles and users: the account root and wildcards would be everybody in the account."
  }
}

variable "secrets" {
  description = "The secrets, by name. Values are never part of the configuration: rotation or their owner puts them."
  type = map(object({
    description = string
    readers     = list(string)
    rotation = optional(object({
      lambda_arn = string
      role_arn   = string
      days       = optional(number, 30)
    }))
    rotation_exempt = optional(string)
  }))

  validation {
    condition     = alltrue([for name, secret in var.secrets : can(regex("^[a-z][a-z0-9-]{1,62}$", name))])
    error_message = "names of secrets must be 2 to 63 lower-case letters, digits and hyphens."
  }

  validation {
    condition = alltrue(flatten([
      for secret in var.secrets : [
        for principal in secret.readers :
        can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+|[\\w+=,.@-]{1,64})$", principal)) && principal != "root"
      ]
    ]))
    error_message = "readers must be role names or role ARNs: the account root and wildcards would be everybody in the account."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : length(secret.readers) > 0])
    error_message = "a secret must have a reader: one that nobody may read need not exist."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : secret.rotation == null || try(secret.rotation.days >= 1 && secret.rotation.days <= 90, false)])
    error_message = "a secret must rotate every 1 to 90 days."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : secret.rotation_exempt == null || can(regex("[[:alpha:]]+( +[[:alpha:]]+){3}", secret.rotation_exempt))])
    error_message = "rotation_exempt must be a reason of four words or more: somebody will read it when the secret has leaked."
  }

  validation {
    condition     = alltrue([for secret in var.secrets : secret.rotation == null || secret.rotation_exempt == null])
    error_message = "rotation_exempt is for secrets that do not rotate: set one of the two."
  }
}

variable "recovery_window_in_days" {
  description = "Days in which a deleted secret can be restored, 7 to 30."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_window_in_days >= 7 && var.recovery_window_in_days <= 30 && floor(var.recovery_window_in_days) == var.recovery_window_in_days
    error_message = "recovery_window_in_days must be a whole number from 7 to 30: with 0 a mistake cannot be undone."
  }

  validation {
    condition     = var.stage != "prod" || var.recovery_window_in_days == 30
    error_message = "recovery_window_in_days must be 30 in prod: what somebody deletes by mistake is often missed after weeks."
  }
}
