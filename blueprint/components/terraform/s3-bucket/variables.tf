variable "key_arn" {
  description = "ARN of the KMS key that encrypts every object."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): objects are never stored without a key of the platform."
  }
}

variable "bucket_name" {
  description = "Name of the bucket; null gives tenant-environment-stage-name. Bucket names are unique in the whole world."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must be 3 to 63 lower-case letters, digits and hyphens; a dot would break TLS to the bucket."
  }
}

variable "versioning" {
  description = "Keep earlier versions of an object that is overwritten or deleted. Production always does."
  type        = bool
  default     = true
}

variable "noncurrent_version_days" {
  description = "Days after which earlier versions are removed; null keeps them for ever."
  type        = number
  default     = null

  validation {
    condition     = var.noncurrent_version_days == null || try(var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days, false)
    error_message = "noncurrent_version_days must be a whole number of days, 1 or more, or null."
  }

  validation {
    condition     = var.stage != "prod" || try(var.noncurrent_version_days >= 30, true)
    error_message = "noncurrent_version_days must be 30 or more in prod, or null: what somebody overwrites by mistake is often missed after weeks."
  }
}

variable "log_bucket" {
  description = "Name of the bucket of the same account and region that gets the access logs, best log_bucket_name of its tfstate-backend; null logs none. Production always does, or says in log_exempt why not."
  type        = string
  default     = null

  validation {
    condition     = var.log_bucket == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.log_bucket))
    error_message = "log_bucket must be the name of a bucket: 3 to 63 lower-case letters, digits and hyphens."
  }

  validation {
    condition     = var.log_bucket == null || var.log_bucket != coalesce(var.bucket_name, local.id)
    error_message = "log_bucket must be another bucket: each log would be logged again."
  }
}

variable "log_exempt" {
  description = "Why nobody needs to know who reads this bucket; null where log_bucket is given, and outside production."
  type        = string
  default     = null

  validation {
    condition     = var.log_exempt == null || can(regex("[[:alpha:]]+( +[[:alpha:]]+){3}", var.log_exempt))
    error_message = "log_exempt must be a reason of four words or more: somebody will read it after a break-in."
  }

  validation {
    condition     = var.log_exempt == null || var.log_bucket == null
    error_message = "log_exempt is for buckets without a log_bucket: set one of the two."
  }
}

variable "force_destroy" {
  description = "Destroy the bucket with the objects in it. Never in production."
  type        = bool
  default     = false
}
