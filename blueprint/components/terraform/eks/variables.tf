variable "kubernetes_version" {
  description = "Minor version of Kubernetes, for example 1.34; there is no default, because versions age."
  type        = string

  validation {
    condition     = can(regex("^1\\.(2[89]|[3-9][0-9])$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version from 1.28 on, for example \"1.34\", in quotes."
  }
}

variable "support_type" {
  description = "What happens when support of the version ends: STANDARD upgrades by itself, EXTENDED waits for a year and costs six times as much."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "EXTENDED"], var.support_type)
    error_message = "support_type must be STANDARD or EXTENDED."
  }
}

variable "subnet_ids" {
  description = "Ids of private subnets, one a zone, in at least two zones: control plane and every node group span all of them."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2 && length(distinct(var.subnet_ids)) == length(var.subnet_ids)
    error_message = "subnet_ids must be at least two different subnets, each in a zone of its own: a cluster in one zone fails with it."
  }
}

variable "security_group_ids" {
  description = "Further security groups of the control plane, for who reaches it from outside the cluster."
  type        = list(string)
  default     = []
}

variable "public_access_cidrs" {
  description = "IPv4 ranges from which the API may be reached over the internet; none keeps it private."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for block in var.public_access_cidrs : try(tonumber(split("/", block)[1]) >= 16 && can(cidrhost(block, 0)), false)])
    error_message = "public_access_cidrs must be ranges of /16 or smaller: the API of a cluster is not for the internet."
  }

  validation {
    condition     = var.stage != "prod" || length(var.public_access_cidrs) == 0
    error_message = "public_access_cidrs must be empty in prod: its API is reached from inside."
  }
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts secrets and logs; its policy must let the cluster's role and CloudWatch Logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): it cannot be changed later."
  }
}

variable "volume_key_arn" {
  description = "ARN of the KMS key that encrypts the disks of nodes; null for the account's default key of EBS."
  type        = string
  default     = null

  validation {
    condition     = var.volume_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.volume_key_arn))
    error_message = "volume_key_arn must be the ARN of a KMS key, or null."
  }
}

variable "log_retention_days" {
  description = "Days for which control-plane logs are kept, one of CloudWatch's periods. Production keeps a year or more."
  type        = number
  default     = 365

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of CloudWatch's periods, 7 days to 10 years: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, …"
  }

  validation {
    condition     = !(var.stage == "prod" && var.log_retention_days < 365)
    error_message = "log_retention_days must be 365 or more in prod: the audit log is what an investigation begins with."
  }
}

variable "node_groups" {
  description = "Managed node groups, by name. Each spans all subnets."
  type = map(object({
    instance_types = list(string)
    min_size       = number
    max_size       = number
    capacity_type  = optional(string, "ON_DEMAND")
    ami_type       = optional(string, "BOTTLEROCKET_x86_64")
    disk_size      = optional(number, 50)
    labels         = optional(map(string), {})
    taints = optional(map(object({
      value  = optional(string)
      effect = string
    })), {})
  }))

  validation {
    condition     = alltrue([for name, group in var.node_groups : can(regex("^[a-z][a-z0-9-]{0,19}$", name))])
    error_message = "node groups must have names of at most 20 lower-case letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for group in values(var.node_groups) : group.min_size >= 1 && group.max_size >= group.min_size && length(group.instance_types) > 0])
    error_message = "node groups must have instance types, a min_size of 1 or more and a max_size that is not below it."
  }

  validation {
    condition     = alltrue([for group in values(var.node_groups) : contains(["ON_DEMAND", "SPOT"], group.capacity_type) && can(regex("^(AL2023|BOTTLEROCKET)_", group.ami_type))])
    error_message = "node groups must have capacity_type ON_DEMAND or SPOT, and an ami_type of AL2023 or Bottlerocket: older images get no fixes."
  }

  validation {
    condition     = var.stage != "prod" || anytrue([for group in values(var.node_groups) : group.capacity_type == "ON_DEMAND"])
    error_message = "prod must have a node group of ON_DEMAND instances: AWS may take back all SPOT instances at once."
  }

  validation {
    condition     = alltrue([for group in values(var.node_groups) : group.disk_size >= 20 && group.disk_size <= 16384])
    error_message = "node groups must have a disk_size of 20 to 16384 GiB: images alone fill less, and nodes fail one after the other."
  }

  validation {
    condition     = alltrue(flatten([for group in values(var.node_groups) : [for taint in values(group.taints) : contains(["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"], taint.effect)]]))
    error_message = "effects of taints must be NO_SCHEDULE, NO_EXECUTE or PREFER_NO_SCHEDULE."
  }
}

variable "access_entries" {
  description = "Who may use the cluster, by name: a role, its Kubernetes groups, and AWS's access policies with the namespaces that they are for (none: the whole cluster)."
  type = map(object({
    principal_arn     = string
    kubernetes_groups = optional(list(string))
    policies          = optional(map(list(string)), {})
  }))

  validation {
    condition     = alltrue([for entry in values(var.access_entries) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+$", entry.principal_arn))])
    error_message = "principals of access entries must be ARNs of roles: the account root and users with keys of their own are not for clusters."
  }

  validation {
    condition     = alltrue(flatten([for entry in values(var.access_entries) : [for group in coalesce(entry.kubernetes_groups, []) : !startswith(group, "system:")]]))
    error_message = "kubernetes_groups must not begin with system: – system:masters cannot be taken away by any policy."
  }

  validation {
    condition = alltrue(flatten([for entry in values(var.access_entries) : [
      for policy in keys(entry.policies) : contains(["AmazonEKSAdminPolicy", "AmazonEKSAdminViewPolicy", "AmazonEKSClusterAdminPolicy", "AmazonEKSEditPolicy", "AmazonEKSViewPolicy"], policy)
    ]]))
    error_message = "policies must be AmazonEKSAdminPolicy, AmazonEKSAdminViewPolicy, AmazonEKSClusterAdminPolicy, AmazonEKSEditPolicy or AmazonEKSViewPolicy."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the boundary of the roles of the control plane and of the nodes; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\\w+=,.@/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy, or null."
  }
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear when the cluster fails, fills up, or has no room for pods. Production has at least one."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", arn))])
    error_message = "alarm_topic_arns must be ARNs of topics."
  }

  validation {
    condition     = var.stage != "prod" || length(var.alarm_topic_arns) > 0
    error_message = "alarm_topic_arns must name a topic in prod: a cluster that is full goes on looking well."
  }
}
