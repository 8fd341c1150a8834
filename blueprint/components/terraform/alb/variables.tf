variable "vpc_id" {
  description = "Id of the VPC of the targets."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must be the id of a VPC, for example vpc-0a1b2c3d4e5f60718."
  }
}

variable "subnet_ids" {
  description = "Ids of subnets in at least two zones: public ones for a public load balancer, else private ones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2 && length(distinct(var.subnet_ids)) == length(var.subnet_ids)
    error_message = "subnet_ids must be at least two different subnets, each in a zone of its own: a load balancer in one zone fails with it."
  }
}

variable "security_group_ids" {
  description = "Ids of the security groups of the load balancer; preset web-public or web-internal."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids must name at least one group: without one AWS takes the VPC's default group, which is closed."
  }
}

variable "internal" {
  description = "Whether the load balancer has private addresses only. A public one is declared with false."
  type        = bool
  default     = true
}

variable "certificate_arn" {
  description = "ARN of the certificate of the HTTPS listener."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:(acm|iam):", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of a certificate: nothing is served without TLS."
  }
}

variable "additional_certificate_arns" {
  description = "Further certificates for other host names, by a name for each."
  type        = map(string)
  default     = {}
}

variable "tls_policy" {
  description = "Which versions and ciphers of TLS are spoken; TLS 1.2 with forward secrecy and TLS 1.3 by default."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"

  validation {
    condition     = can(regex("^ELBSecurityPolicy-TLS13-1-(2(-Res)?|3)(-FIPS)?(-PQ)?-20[0-9]{2}-[0-9]{2}$", var.tls_policy))
    error_message = "tls_policy must be one of AWS's TLS13-1-2, TLS13-1-2-Res or TLS13-1-3 policies: older versions of TLS, and the extended ciphers, are broken."
  }
}

variable "target_groups" {
  description = "Where requests go, by name. Traffic to targets is encrypted unless protocol says HTTP."
  type = map(object({
    port                 = number
    protocol             = optional(string, "HTTPS")
    protocol_version     = optional(string, "HTTP1")
    target_type          = optional(string, "ip")
    deregistration_delay = optional(number, 30)
    slow_start           = optional(number, 0)
    health_check = optional(object({
      path                = optional(string, "/healthz")
      matcher             = optional(string, "200")
      interval            = optional(number, 15)
      timeout             = optional(number, 5)
      healthy_threshold   = optional(number, 2)
      unhealthy_threshold = optional(number, 2)
    }), {})
  }))
  default = {}

  validation {
    condition     = alltrue([for key, group in var.target_groups : can(regex("^[a-z][a-z0-9-]{0,19}$", key)) && group.port >= 1 && group.port <= 65535])
    error_message = "target groups must have names of at most 20 lower-case letters, digits and hyphens, and ports from 1 to 65535."
  }

  validation {
    condition     = alltrue([for group in values(var.target_groups) : contains(["HTTP", "HTTPS"], group.protocol) && contains(["HTTP1", "HTTP2", "GRPC"], group.protocol_version) && contains(["ip", "instance"], group.target_type)])
    error_message = "target groups must have protocol HTTP or HTTPS, protocol_version HTTP1, HTTP2 or GRPC, and target_type ip or instance."
  }

  validation {
    condition     = var.stage != "prod" || alltrue([for group in values(var.target_groups) : group.protocol == "HTTPS"])
    error_message = "target groups must have protocol HTTPS in prod: what is decrypted at the load balancer is encrypted again behind it."
  }

  validation {
    condition     = alltrue([for group in values(var.target_groups) : group.protocol_version == "GRPC" || can(regex("^[23][0-9]{2}([,-][23][0-9]{2})*$", group.health_check.matcher))])
    error_message = "matchers of health checks must be codes from 200 to 399: a target that answers with errors is not healthy."
  }

  validation {
    condition     = alltrue([for group in values(var.target_groups) : group.health_check.timeout < group.health_check.interval && startswith(group.health_check.path, "/")])
    error_message = "a health check must time out before the next one, and its path begins with a slash."
  }
}

variable "target_security_group_ids" {
  description = "Security groups of the targets, by the target group: each then lets the load balancer in on the target group's port. For pods it is cluster_security_group_id of the cluster; left out where somebody else opens them."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.target_security_group_ids), keys(var.target_groups))) == 0
    error_message = "target_security_group_ids must be by names of target_groups."
  }

  validation {
    condition     = alltrue([for group in values(var.target_security_group_ids) : can(regex("^sg-[0-9a-f]+$", group))])
    error_message = "target_security_group_ids must be ids of security groups, for example sg-0a1b2c3d4e5f60718."
  }
}

variable "default_target_group" {
  description = "Name of the target group for requests that no rule takes; null answers them with 404."
  type        = string
  default     = null

  validation {
    condition     = var.default_target_group == null || try(contains(keys(var.target_groups), var.default_target_group), false)
    error_message = "default_target_group must be one of target_groups."
  }
}

variable "rules" {
  description = "Which requests go to which target group, by name; the lowest priority is asked first."
  type = map(object({
    priority     = number
    target_group = string
    hosts        = optional(list(string), [])
    paths        = optional(list(string), [])
  }))
  default = {}

  validation {
    condition     = alltrue([for rule in values(var.rules) : contains(keys(var.target_groups), rule.target_group) && length(rule.hosts) + length(rule.paths) > 0])
    error_message = "rules must lead to one of target_groups and have hosts or paths: a rule for everything is default_target_group."
  }

  validation {
    condition     = length(distinct([for rule in values(var.rules) : rule.priority])) == length(var.rules)
    error_message = "rules must have different priorities."
  }
}

variable "requests_per_address" {
  description = "Requests in five minutes after which an address is blocked, 100 to 2,000,000."
  type        = number
  default     = 2000

  validation {
    condition     = var.requests_per_address >= 100 && var.requests_per_address <= 2000000
    error_message = "requests_per_address must be from 100 to 2000000."
  }

  validation {
    condition     = var.stage != "prod" || var.requests_per_address <= 50000
    error_message = "requests_per_address must be 50000 or less in prod: a limit that no address reaches is none."
  }
}

variable "counted_rule_groups" {
  description = "Groups of the firewall's rules that only count what they would block, while their false alarms are looked into."
  type        = list(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.counted_rule_groups, ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"])) == 0
    error_message = "counted_rule_groups may hold AWSManagedRulesAmazonIpReputationList, AWSManagedRulesCommonRuleSet and AWSManagedRulesKnownBadInputsRuleSet."
  }

  validation {
    condition     = var.stage != "prod" || !contains(var.counted_rule_groups, "AWSManagedRulesKnownBadInputsRuleSet")
    error_message = "AWSManagedRulesKnownBadInputsRuleSet must block in prod: it stops exploits such as Log4Shell and has hardly any false alarms."
  }
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts the firewall's log; its policy must let CloudWatch Logs use it (aws_services = [\"logs\"])."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): the log holds requests of customers."
  }
}

variable "log_retention_days" {
  description = "Days for which access, connection and firewall logs are kept, one of CloudWatch's periods."
  type        = number
  default     = 365

  validation {
    condition     = var.stage != "prod" || var.log_retention_days >= 365
    error_message = "log_retention_days must be 365 or more in prod: break-ins are found after months."
  }

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of CloudWatch's periods, 30 days to 10 years: 30, 60, 90, 120, 150, 180, 365, 400, …"
  }
}

variable "idle_timeout" {
  description = "Seconds after which an idle connection is closed, 1 to 4000; targets must keep theirs longer."
  type        = number
  default     = 60

  validation {
    condition     = var.idle_timeout >= 1 && var.idle_timeout <= 4000
    error_message = "idle_timeout must be from 1 to 4000 seconds."
  }
}

variable "deletion_protection" {
  description = "Refuse to destroy the load balancer and the logs in its bucket. Always in production."
  type        = bool
  default     = true
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear when requests fail or targets are ill. Production has at least one."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", arn))])
    error_message = "alarm_topic_arns must be ARNs of topics."
  }

  validation {
    condition     = var.stage != "prod" || length(var.alarm_topic_arns) > 0
    error_message = "alarm_topic_arns must name a topic in prod: callers notice first, and tell it to others."
  }
}
