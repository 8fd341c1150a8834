variable "source_of_certificate" {
  description = "Where the certificate comes from: issued (by AWS, proven through DNS) or imported."
  type        = string
  default     = "issued"

  validation {
    condition     = contains(["issued", "imported"], var.source_of_certificate)
    error_message = "source_of_certificate must be issued or imported."
  }
}

variable "domain_name" {
  description = "Name that an issued certificate is for, for example shop.example.com or *.example.com."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null || can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain_name))
    error_message = "domain_name must be a full name in lower case, with a wildcard as its first part at most."
  }
}

variable "subject_alternative_names" {
  description = "Further names of an issued certificate, all of the same zone."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for domain in var.subject_alternative_names : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", domain))])
    error_message = "subject_alternative_names must be full names in lower case, with a wildcard as their first part at most."
  }
}

variable "zone_id" {
  description = "Id of the public Route 53 zone in which an issued certificate is proven."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null || can(regex("^[A-Z0-9]{5,32}$", var.zone_id))
    error_message = "zone_id must be the id of a Route 53 zone, for example Z0123456789ABCDEFGHIJ."
  }
}

variable "key_algorithm" {
  description = "Key of an issued certificate: EC_prime256v1, EC_secp384r1 or RSA_2048 (for old clients)."
  type        = string
  default     = "EC_prime256v1"

  validation {
    condition     = contains(["EC_prime256v1", "EC_secp384r1", "RSA_2048"], var.key_algorithm)
    error_message = "key_algorithm must be EC_prime256v1, EC_secp384r1 or RSA_2048."
  }
}

variable "certificate_body" {
  description = "The imported certificate, as PEM."
  type        = string
  default     = null
}

variable "private_key" {
  description = "Key of the imported certificate, as PEM, without a passphrase. It is stored in the state."
  type        = string
  default     = null
  sensitive   = true
}

variable "certificate_chain" {
  description = "Certificates between the imported one and its root, as PEM; null for none."
  type        = string
  default     = null
}

variable "alarm_days" {
  description = "Days before expiry at which the alarm goes off, 14 to 59: AWS renews its own certificates 60 days ahead."
  type        = number
  default     = 45

  validation {
    condition     = var.alarm_days >= 14 && var.alarm_days <= 59
    error_message = "alarm_days must be from 14 to 59: with less nobody is back from vacation, and 60 days ahead AWS may still be renewing."
  }
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear of the alarm."
  type        = list(string)

  validation {
    condition     = length(var.alarm_topic_arns) > 0 && alltrue([for topic in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", topic))])
    error_message = "alarm_topic_arns must name at least one SNS topic: an alarm that nobody hears is none."
  }
}
