variable "key_arn" {
  description = "ARN of the KMS key that encrypts the table, its streams and its backups."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): data is never stored without a key of the platform."
  }
}

variable "hash_key" {
  description = "Attribute that items are spread by."
  type        = string

  validation {
    condition     = length(var.hash_key) >= 1 && length(var.hash_key) <= 255
    error_message = "hash_key must name an attribute, 1 to 255 characters."
  }
}

variable "range_key" {
  description = "Attribute that items of one hash key are sorted by; null for none."
  type        = string
  default     = null
}

variable "attributes" {
  description = "Types of the attributes that are keys of the table or of an index: S, N or B."
  type        = map(string)

  validation {
    condition     = length(var.attributes) > 0 && alltrue([for type in values(var.attributes) : contains(["S", "N", "B"], type)])
    error_message = "attributes must name the keys, each S (text), N (number) or B (bytes)."
  }
}

variable "global_secondary_indexes" {
  description = "Further ways to query, by name."
  type = map(object({
    hash_key           = string
    range_key          = optional(string)
    projection_type    = optional(string, "ALL")
    non_key_attributes = optional(list(string))
  }))
  default = {}

  validation {
    condition     = alltrue([for one in var.global_secondary_indexes : contains(["ALL", "KEYS_ONLY", "INCLUDE"], one.projection_type)])
    error_message = "projection_type must be ALL, KEYS_ONLY or INCLUDE."
  }
}

variable "billing_mode" {
  description = "PAY_PER_REQUEST follows the load; PROVISIONED is cheaper where it is even."
  type        = string
  default     = "PAY_PER_REQUEST"

  validation {
    condition     = contains(["PAY_PER_REQUEST", "PROVISIONED"], var.billing_mode)
    error_message = "billing_mode must be PAY_PER_REQUEST or PROVISIONED."
  }
}

variable "read_capacity" {
  description = "Read units a second of a PROVISIONED table and each of its indexes."
  type        = number
  default     = 5

  validation {
    condition     = var.read_capacity >= 1 && floor(var.read_capacity) == var.read_capacity
    error_message = "read_capacity must be a whole number, 1 or more."
  }
}

variable "write_capacity" {
  description = "Write units a second of a PROVISIONED table and each of its indexes."
  type        = number
  default     = 5

  validation {
    condition     = var.write_capacity >= 1 && floor(var.write_capacity) == var.write_capacity
    error_message = "write_capacity must be a whole number, 1 or more."
  }
}

variable "point_in_time_recovery" {
  description = "Keep what is needed to go back to any second. Production always does."
  type        = bool
  default     = true
}

variable "recovery_period_in_days" {
  description = "Days that one can go back, 1 to 35."
  type        = number
  default     = 35

  validation {
    condition     = var.recovery_period_in_days >= 1 && var.recovery_period_in_days <= 35 && floor(var.recovery_period_in_days) == var.recovery_period_in_days
    error_message = "recovery_period_in_days must be a whole number from 1 to 35."
  }

  validation {
    condition     = var.stage != "prod" || var.recovery_period_in_days >= 14
    error_message = "recovery_period_in_days must be 14 or more in prod: a mistake is often found after a week."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the table; null protects production only. Production always is."
  type        = bool
  default     = null
}

variable "ttl_attribute" {
  description = "Number attribute with the second (Unix time) after which an item is removed; null keeps items."
  type        = string
  default     = null
}

variable "stream_view_type" {
  description = "What a stream of changes shows: NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES or KEYS_ONLY; null for no stream."
  type        = string
  default     = null

  validation {
    condition     = var.stream_view_type == null || try(contains(["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"], var.stream_view_type), false)
    error_message = "stream_view_type must be NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY or null."
  }
}

variable "table_class" {
  description = "STANDARD, or STANDARD_INFREQUENT_ACCESS where storage costs more than requests."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "STANDARD_INFREQUENT_ACCESS"], var.table_class)
    error_message = "table_class must be STANDARD or STANDARD_INFREQUENT_ACCESS."
  }
}
