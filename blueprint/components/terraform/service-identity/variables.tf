variable "bucket_arn" {
  description = "ARN of the bucket that the service reads and writes; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_arn == null || can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]+$", var.bucket_arn))
    error_message = "bucket_arn must be the ARN of one bucket, without a path and without wildcards: the identity gets exactly that bucket."
  }
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts the service's data; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of one KMS key, without wildcards: the identity gets exactly that key."
  }
}

variable "key_services" {
  description = "AWS services through which the key may be used, by the first part of their endpoints, for example s3, dynamodb, sqs."
  type        = list(string)
  default     = ["s3"]

  validation {
    condition     = length(var.key_services) > 0 && alltrue([for service in var.key_services : can(regex("^[a-z][a-z0-9-]{1,30}$", service))])
    error_message = "key_services must name at least one service, for example s3: a key that is used directly decrypts data that the service was given by somebody else."
  }
}

variable "grants" {
  description = "What else the service may do, by name: exact actions on exact resources."
  type = map(object({
    actions   = list(string)
    resources = list(string)
  }))
  default = {}

  validation {
    condition     = alltrue(flatten([for grant in var.grants : [for action in grant.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))]]))
    error_message = "actions must be named one by one, for example sqs:SendMessage: a wildcard grows with every feature that AWS adds."
  }

  validation {
    condition     = alltrue(flatten([for grant in var.grants : [for resource in grant.resources : can(regex("^arn:aws[a-z-]*:[^*]+", resource)) && !can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[^:]*:[^:]*:[*]", resource))]]))
    error_message = "resources must be ARNs that name something before any wildcard: \"*\" is everything in the account."
  }

  validation {
    condition     = alltrue(flatten([for grant in var.grants : [for action in grant.actions : !can(regex("^(iam|organizations|account|sso|sts):", action))]]))
    error_message = "actions must not be about identities (iam, organizations, account, sso, sts): a service that may hand on roles, or take them on, has all of their rights."
  }

  validation {
    condition     = alltrue(flatten([for grant in var.grants : [for resource in grant.resources : !can(regex("^arn:[^:]+:[^:]+:[^:]*:[^:]*:[a-z-]+[:/][*?]+$", resource)) || startswith(split(":::", resource)[0], "arn:aws:s3")]]))
    error_message = "resources must name something of their kind: key/*, table/* or secret:* are all of them in the account."
  }

  validation {
    condition     = alltrue([for name in keys(var.grants) : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "names of grants must be lower-case letters, digits and hyphens: AWS takes letters and digits as the name of a statement."
  }

  validation {
    condition     = alltrue([for grant in var.grants : length(grant.actions) > 0 && length(grant.resources) > 0])
    error_message = "a grant must have actions and resources."
  }
}

variable "pod_identity" {
  description = "The service account of an EKS cluster whose pods are the service, through EKS Pod Identity; null for none."
  type = object({
    cluster_arn     = string
    namespace       = string
    service_account = string
  })
  default = null

  validation {
    condition     = var.pod_identity == null || try(!can(regex("[*?]", "${var.pod_identity.cluster_arn} ${var.pod_identity.namespace} ${var.pod_identity.service_account}")), false)
    error_message = "pod_identity must name one cluster, namespace and service account: a wildcard lets every pod in."
  }
}

variable "irsa" {
  description = "The service account whose token is the service, through the OIDC provider of an EKS cluster; oidc_issuer without https://. Null for none; pod_identity is simpler where it works."
  type = object({
    oidc_provider_arn = string
    oidc_issuer       = string
    namespace         = string
    service_account   = string
  })
  default = null

  validation {
    condition     = var.irsa == null || try(!can(regex("[*?]", "${var.irsa.namespace} ${var.irsa.service_account}")) && !startswith(var.irsa.oidc_issuer, "https://"), false)
    error_message = "irsa must name one namespace and service account, and oidc_issuer must not begin with https://: a wildcard lets every pod in."
  }
}

variable "trusted_principals" {
  description = "Who may take on the identity: names of roles in this account, or ARNs of roles and users."
  type        = list(string)
  default     = []

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
