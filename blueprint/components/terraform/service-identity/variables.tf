variable "bucket_arn" {
  description = "ARN of the bucket that the service reads and writes."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]+$", var.bucket_arn))
    error_message = "bucket_arn must be the ARN of one bucket, without a path and without wildcards: the identity gets exactly that bucket."
  }
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts the bucket."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of one KMS key, without wildcards: the identity gets exactly that key."
  }
}

variable "trusted_principals" {
  description = "Who may take on the identity: names of roles in this account, or ARNs of roles and users."
  type        = list(string)

  validation {
    condition     = length(var.trusted_principals) > 0
    error_message = "trusted_principals must name at least one principal: nobody could use the identity."
  }

  validation {
    condition = alltrue([
      for principal in var.trusted_principals :
      can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+|[\\w+=,.@-]{1,64})$", principal)) && principal != "root"
    ])
    error_message = "trusted_principals must be role names, or ARNs of roles and users: the account root and wildcards would let everybody in."
  }
}

variable "max_session_duration" {
  description = "Longest session in seconds, 3600 (one hour) to 43200 (twelve hours)."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "max_session_duration must be from 3600 to 43200 seconds."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds the role; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\\w+=,.@/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy, or null."
  }
}
