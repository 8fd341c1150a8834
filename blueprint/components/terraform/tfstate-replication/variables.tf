variable "bucket_name" {
  description = "Name of the bucket of states that is copied, an output of its tfstate-backend."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens."
  }
}

variable "key_arn" {
  description = "ARN of the key that its states are encrypted with; its policy must let tenant-environment-stage-name-replication decrypt (state_roles of its tfstate-backend)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key."
  }
}

variable "destination" {
  description = "Bucket and key of another region's tfstate-backend, which gets the copy."
  type = object({
    bucket_arn = string
    key_arn    = string
    region     = string
  })

  validation {
    condition     = var.destination.region != var.region
    error_message = "destination must be in another region: a copy in the same one is lost with it."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the boundary of the role that copies; null for none."
  type        = string
  default     = null
}
