variable "cidr_block" {
  description = "IPv4 range of the VPC, a private one of /16 to /22; subnets are computed from it."
  type        = string

  validation {
    condition = try(
      cidrhost(var.cidr_block, 0) == split("/", var.cidr_block)[0] &&
      contains(range(16, 23), tonumber(split("/", var.cidr_block)[1])),
      false,
    )
    error_message = "cidr_block must be the first address of a range and its size, /16 to /22, for example 10.20.0.0/16: smaller ranges leave no room for six zones."
  }

  validation {
    condition     = can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", var.cidr_block))
    error_message = "cidr_block must be private (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10): with a public range somebody's servers become unreachable."
  }
}

variable "availability_zones" {
  description = "Names of 2 to 6 availability zones of the region, in an order that never changes: only add at the end."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) >= 2 && length(var.availability_zones) <= 6 && length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "availability_zones must be 2 to 6 different zones: with one, its failure is yours."
  }

  validation {
    condition     = alltrue([for zone in var.availability_zones : can(regex("^${var.region}[a-z]$", zone))])
    error_message = "availability_zones must be zones of the region, for example us-east-1a."
  }
}

variable "nat_gateway_strategy" {
  description = "How private subnets reach the internet: one_per_az, single (cheap, one zone fails and all are cut off) or none."
  type        = string
  default     = "one_per_az"

  validation {
    condition     = contains(["one_per_az", "single", "none"], var.nat_gateway_strategy)
    error_message = "nat_gateway_strategy must be one_per_az, single or none."
  }

  validation {
    condition     = !(var.stage == "prod" && var.nat_gateway_strategy == "single")
    error_message = "nat_gateway_strategy must not be single in prod: when its zone fails, every private subnet is cut off."
  }
}

variable "ipv6_enabled" {
  description = "Give the VPC an IPv6 range of Amazon's too; private subnets then reach out and are not reached."
  type        = bool
  default     = false
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts the flow logs; its policy must let CloudWatch Logs use it (aws_services = [\"logs\"])."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): flow logs say who talked to whom."
  }
}

variable "flow_log_retention_days" {
  description = "Days for which flow logs are kept, one of CloudWatch's periods. Production keeps a year or more."
  type        = number
  default     = 365

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_retention_days)
    error_message = "flow_log_retention_days must be one of CloudWatch's periods, 7 days to 10 years: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, …"
  }

  validation {
    condition     = !(var.stage == "prod" && var.flow_log_retention_days < 365)
    error_message = "flow_log_retention_days must be 365 or more in prod: break-ins are found after months."
  }
}

variable "gateway_endpoints" {
  description = "AWS services that private subnets reach through gateway endpoints, which are free."
  type        = list(string)
  default     = ["dynamodb", "s3"]

  validation {
    condition     = length(setsubtract(var.gateway_endpoints, ["dynamodb", "s3"])) == 0
    error_message = "gateway_endpoints may hold dynamodb and s3: AWS has gateway endpoints for nothing else."
  }
}

variable "interface_endpoints" {
  description = "AWS services that private subnets reach through interface endpoints, by the name after com.amazonaws.REGION; each costs money in each zone."
  type        = list(string)
  default     = ["ec2", "ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts"]

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z][a-z0-9.-]{1,62}$", service)) && !startswith(service, "com.amazonaws")])
    error_message = "interface_endpoints must be names such as ecr.api, without com.amazonaws and the region."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the boundary of the role of the flow logs; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\\w+=,.@/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy, or null."
  }
}
