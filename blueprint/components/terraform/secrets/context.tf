# Where the instance stands. The same file is in every component.

variable "tenant" {
  description = "Tenant that owns the instance, for example acme."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.tenant))
    error_message = "tenant must be 2 to 16 lower-case letters and digits, because it begins every name."
  }
}

variable "environment" {
  description = "Short name of the region in names, for example use1."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,7}$", var.environment))
    error_message = "environment must be 2 to 8 lower-case letters and digits, for example use1."
  }
}

variable "stage" {
  description = "Stage of the stack, for example dev; production is called prod, and is guarded by that name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,6}$", var.stage))
    error_message = "stage must be 2 to 7 lower-case letters and digits, because it stands in every name."
  }

  validation {
    condition     = var.stage == "prod" || !can(regex("^(prod|prd|live)", var.stage))
    error_message = "stage must be prod where production is meant: what guards production goes by that name."
  }
}

variable "region" {
  description = "AWS region of the stack, the one that its provider is configured for."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, for example us-east-1."
  }
}

variable "name" {
  description = "Name of the service; names in AWS are tenant-environment-stage-name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
}

variable "tags" {
  description = "Tags of every resource; cost-center, owner, tenant, stage and service must be among them."
  type        = map(string)

  validation {
    condition = alltrue([
      for key in ["cost-center", "owner", "tenant", "stage", "service"] : try(length(var.tags[key]) > 0, false)
    ])
    error_message = "tags must have cost-center, owner, tenant, stage and service, none of them empty: bills and alarms are routed by them."
  }
}

locals {
  id = join("-", [var.tenant, var.environment, var.stage, var.name])
}
