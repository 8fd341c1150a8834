variable "regions" {
  description = "Regions in which roles of the stack may do anything."
  type        = list(string)

  validation {
    condition     = length(var.regions) > 0 && alltrue([for region in var.regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "regions must name AWS regions, for example us-east-1; a wildcard would be the whole world."
  }

  validation {
    condition     = length(var.regions) <= 3
    error_message = "regions must be 3 or fewer: the policies name each of them, and AWS takes 6144 characters in one policy."
  }
}

variable "environments" {
  description = "The account's other environments by their region, for example eu-west-1 = \"euw1\": what is named after them has the boundaries too."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.environments), var.regions)) == 0
    error_message = "environments must be of regions that are in regions: elsewhere no role may do anything."
  }

  validation {
    condition     = alltrue([for environment in values(var.environments) : can(regex("^[a-z][a-z0-9]{1,7}$", environment))])
    error_message = "environments must be short names, for example euw1; a wildcard would be everybody's."
  }
}

variable "cross_account_roles" {
  description = "Roles that named principals of other accounts may take, by name. mfa is principal (a user's own), session-tag (set by the identity provider of federated people) or none (never in production)."
  type = map(object({
    description        = string
    trusted_principals = list(string)
    external_id        = string
    mfa                = optional(string, "principal")
    manage_resources   = optional(bool, false)
  }))
  default = {}

  validation {
    condition     = alltrue(flatten([for role in var.cross_account_roles : [for principal in role.trusted_principals : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+$", principal))]]))
    error_message = "trusted_principals must be ARNs of roles or users: an account root is everybody in that account, and wildcards are everybody."
  }

  validation {
    condition     = alltrue([for role in var.cross_account_roles : length(role.trusted_principals) > 0])
    error_message = "trusted_principals must name somebody."
  }

  validation {
    condition     = alltrue([for role in var.cross_account_roles : length(role.external_id) >= 16])
    error_message = "external_id must have 16 characters or more: one that can be guessed does not keep a confused deputy out."
  }

  validation {
    condition     = alltrue([for role in var.cross_account_roles : contains(["principal", "session-tag", "none"], role.mfa)])
    error_message = "mfa must be principal, session-tag or none."
  }

  validation {
    condition = alltrue(flatten([for role in var.cross_account_roles : [
      for principal in role.trusted_principals : strcontains(principal, role.mfa == "principal" ? ":user/" : ":role/") if role.mfa != "none"
    ]]))
    error_message = "mfa principal is for users, session-tag for roles: a role that takes on a role carries no MFA of its own, so nobody could come."
  }
}

variable "read_only_principals" {
  description = "ARNs of the roles and users that may look at the account; in prod users with MFA, roles whose sessions have the tag mfa."
  type        = list(string)

  validation {
    condition     = length(var.read_only_principals) > 0 && alltrue([for principal in var.read_only_principals : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+$", principal))])
    error_message = "read_only_principals must be ARNs of roles or users: an account root is everybody in that account, and wildcards are everybody."
  }
}

variable "break_glass" {
  description = "ARNs of the users that may do everything in an emergency, and of the SNS topic that hears of each use."
  type = object({
    principals = list(string)
    topic_arn  = string
  })

  validation {
    condition     = length(var.break_glass.principals) > 0 && alltrue([for principal in var.break_glass.principals : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:user/[\\w+=,.@/-]+$", principal))])
    error_message = "break_glass.principals must be ARNs of users, with MFA of their own: a role, an account root or a wildcard is nobody who can be asked afterwards."
  }

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.break_glass.topic_arn))
    error_message = "break_glass.topic_arn must be the ARN of a topic: an emergency that nobody hears of is a break-in."
  }
}

variable "github" {
  description = "GitHub repository (owner/name) and branch whose workflows may manage the stack; null for none."
  type = object({
    repository = string
    branch     = optional(string, "main")
  })
  default = null

  validation {
    condition     = var.github == null || try(can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.github.repository)) && can(regex("^[A-Za-z0-9._/-]+$", var.github.branch)), false)
    error_message = "github must name one repository as owner/name and one branch: a wildcard lets anybody's pull request in."
  }
}
