variable "components" {
  description = "Names of the components that the roles plan and apply: they may call what these call, and nothing else."
  type        = list(string)

  validation {
    condition     = length(var.components) > 0 && length(setsubtract(var.components, keys(jsondecode(file("${path.module}/actions.json"))))) == 0
    error_message = "components must be components of this repository whose calls are recorded in actions.json: of others nobody knows what they call."
  }

  validation {
    condition     = length(setintersection(var.components, ["deployer-role", "iam"])) == 0
    error_message = "components must not hold iam or deployer-role: who deploys could then change who may deploy. An administrator applies those."
  }
}

variable "regions" {
  description = "Regions in which the roles may do anything."
  type        = list(string)

  validation {
    condition     = length(var.regions) > 0 && length(var.regions) <= 3 && alltrue([for region in var.regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "regions must name one to three AWS regions, for example us-east-1; a wildcard would be the whole world."
  }
}

variable "state" {
  description = "Where states lie: ARNs of the bucket and of its key, and their region. The role that plans reads states and writes locks; the one that applies writes both."
  type = object({
    bucket_arn = string
    key_arn    = string
    region     = string
  })

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state.bucket_arn))
    error_message = "state.bucket_arn must be the ARN of one bucket, without a path and without wildcards."
  }

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.state.key_arn))
    error_message = "state.key_arn must be the ARN of one KMS key, without wildcards."
  }
}

variable "boundary_arns" {
  description = "ARNs of the boundaries that a role must have one of to be made, or to get rights."
  type        = list(string)

  validation {
    condition     = length(var.boundary_arns) > 0 && alltrue([for arn in var.boundary_arns : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\\w+=,.@/-]+$", arn))])
    error_message = "boundary_arns must be ARNs of policies: who may make a role without a boundary has every right that there is."
  }

  validation {
    condition     = alltrue([for arn in var.boundary_arns : !can(regex(":policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$", arn))])
    error_message = "boundary_arns must not be AdministratorAccess, PowerUserAccess or IAMFullAccess: such a boundary bounds nothing."
  }
}

variable "passed_roles" {
  description = "Names of the roles that may be handed to a service, by the service, for example vpc-flow-logs.amazonaws.com = [\"acme-use1-prod-network-flow-logs\"]."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = alltrue([for service in keys(var.passed_roles) : can(regex("^[a-z0-9-]+([.][a-z0-9-]+)*[.]amazonaws[.]com$", service))])
    error_message = "passed_roles must name services as IAM does, for example eks.amazonaws.com."
  }

  validation {
    condition     = alltrue([for roles in values(var.passed_roles) : length(roles) > 0 && alltrue([for role in roles : can(regex("^[\\w+=,.@-]{1,64}$", role))])])
    error_message = "passed_roles must be names of roles, each whole: who may hand any role to a service has every right that there is."
  }
}

variable "protected_roles" {
  description = "Names of roles with the stack's prefix that the roles never change, for example the one that breaks the glass."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for role in var.protected_roles : can(regex("^[\\w+=,.@-]{1,64}$", role))])
    error_message = "protected_roles must be names of roles."
  }
}

variable "github" {
  description = "GitHub repository (owner/name) and branch whose jobs take on the roles; job is the workflow that they must come from (owner/name/.github/workflows/FILE@refs/heads/BRANCH), where the repository's subjects have job_workflow_ref. Null for none."
  type = object({
    repository = string
    branch     = optional(string, "main")
    job        = optional(string)
  })
  default = null

  validation {
    condition     = var.github == null || try(can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.github.repository)) && can(regex("^[A-Za-z0-9._/-]+$", var.github.branch)), false)
    error_message = "github must name one repository as owner/name and one branch: a wildcard lets anybody's pull request in."
  }

  validation {
    condition     = try(var.github.job, null) == null || try(can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+/[.]github/workflows/[A-Za-z0-9._-]+@refs/heads/[A-Za-z0-9._/-]+$", var.github.job)), false)
    error_message = "github.job must be one workflow on one branch, for example acme/platform/.github/workflows/gaia-job.yml@refs/heads/main."
  }
}

variable "engine" {
  description = "The role in which the platform's engine works, and the external id that it says; null for none."
  type = object({
    role_arn    = string
    external_id = string
  })
  default = null

  validation {
    condition     = var.engine == null || try(can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+$", var.engine.role_arn)) && length(var.engine.external_id) >= 16, false)
    error_message = "engine must be the ARN of one role and an external id of 16 characters or more: an account root or a wildcard is everybody, and one that can be guessed keeps no confused deputy out."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the account's own boundary of whoever deploys. It stands outside of what is deployed, so that nobody who deploys can move it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\\w+=,.@/-]+$", var.permissions_boundary_arn)) && !can(regex(":policy/AdministratorAccess$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy that is not AdministratorAccess: who comes from outside has a boundary."
  }
}
