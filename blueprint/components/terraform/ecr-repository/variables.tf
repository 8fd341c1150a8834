variable "key_arn" {
  description = "ARN of the KMS key that encrypts the images."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): it cannot be changed later without losing the images."
  }
}

variable "path" {
  description = "What follows the name of the service in the name of the repository, for services with several images; null for nothing."
  type        = string
  default     = null

  validation {
    condition     = var.path == null || can(regex("^[a-z0-9]+([._/-][a-z0-9]+)*$", var.path))
    error_message = "path must be lower-case letters and digits, with single dots, hyphens, underscores or slashes between them."
  }
}

variable "pull_principals" {
  description = "ARNs of roles that pull images and are in other accounts, or have no rights of their own; they must exist."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for principal in var.pull_principals : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+$", principal))])
    error_message = "pull_principals must be ARNs of roles: an account root or a wildcard would give the images to everybody there."
  }
}

variable "push_principals" {
  description = "ARNs of roles that push images, as a rule the one of the pipeline; they must exist."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for principal in var.push_principals : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+$", principal))])
    error_message = "push_principals must be ARNs of roles: who pushes an image decides what runs."
  }
}

variable "images_kept" {
  description = "How many images stay, newest first; 10 to 1000."
  type        = number
  default     = 100

  validation {
    condition     = var.images_kept >= 10 && var.images_kept <= 1000 && floor(var.images_kept) == var.images_kept
    error_message = "images_kept must be a whole number from 10 to 1000: with fewer there is nothing to roll back to."
  }
}

variable "untagged_days" {
  description = "Days after which images without a tag go, 1 to 90."
  type        = number
  default     = 7

  validation {
    condition     = var.untagged_days >= 1 && var.untagged_days <= 90 && floor(var.untagged_days) == var.untagged_days
    error_message = "untagged_days must be a whole number from 1 to 90."
  }
}

variable "force_delete" {
  description = "Destroy the repository with the images in it. Never in production."
  type        = bool
  default     = false
}
