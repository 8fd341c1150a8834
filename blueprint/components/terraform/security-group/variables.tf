variable "vpc_id" {
  description = "Id of the VPC."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must be the id of a VPC, for example vpc-0a1b2c3d4e5f60718."
  }
}

variable "preset" {
  description = "What the group is for: web-public, web-internal, database, cache, bastionless-admin, eks-node or custom; the README has what each lets through."
  type        = string

  validation {
    condition     = contains(["web-public", "web-internal", "database", "cache", "bastionless-admin", "eks-node", "custom"], var.preset)
    error_message = "preset must be web-public, web-internal, database, cache, bastionless-admin, eks-node or custom."
  }
}

variable "ports" {
  description = "TCP ports that the preset opens to its sources; null for the preset's own."
  type        = list(number)
  default     = null

  validation {
    condition     = var.ports == null || try(alltrue([for port in var.ports : port >= 1 && port <= 65535 && floor(port) == port]) && length(var.ports) <= 20, false)
    error_message = "ports must be at most 20 whole numbers from 1 to 65535."
  }

  validation {
    condition     = var.preset != "web-public" || var.ports == null || try(length(setsubtract(var.ports, [80, 443])) == 0, false)
    error_message = "ports of web-public may be 80 and 443: nothing else is for everybody."
  }

  validation {
    condition = length(setintersection(coalesce(var.ports, []), local.admin_ports)) == 0 || alltrue([
      for block in values(var.source_cidr_blocks) : try(tonumber(split("/", block)[1]) >= (strcontains(block, ":") ? 48 : can(regex(local.private, block)) ? 16 : 24), true)
    ])
    error_message = "ports 22, 3389, 5985 and 5986 may be open to at most a /16 of a private network, a /24 of the internet (IPv6: a /48): better use Session Manager, which needs no port."
  }

  validation {
    condition     = var.preset != "bastionless-admin" || var.ports == null
    error_message = "ports must be null for bastionless-admin: sessions are opened from inside, through Systems Manager, so nothing comes in."
  }
}

variable "source_cidr_blocks" {
  description = "IPv4 or IPv6 ranges that may come in on the preset's ports, by a name for the rule; the name is known before the range is."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for block in values(var.source_cidr_blocks) : can(cidrhost(block, 0))])
    error_message = "source_cidr_blocks must be ranges, for example 10.20.0.0/16 or 2001:db8::/48."
  }

  validation {
    condition     = alltrue([for block in values(var.source_cidr_blocks) : try(tonumber(split("/", block)[1]) >= (strcontains(block, ":") ? 32 : 8), true)])
    error_message = "source_cidr_blocks must not let the internet in: 0.0.0.0/0, ::/0 and pieces of them wider than /8 (IPv6: /32) are refused. For a public load balancer declare preset = \"web-public\"."
  }

  validation {
    condition     = var.stage != "prod" || alltrue([for block in values(var.source_cidr_blocks) : can(regex(local.private, block)) || try(tonumber(split("/", block)[1]) >= (strcontains(block, ":") ? 48 : 16), true)])
    error_message = "source_cidr_blocks must be private ranges in prod, or at most a /16 of the internet (IPv6: a /48): a wider one is somebody else's network."
  }
}

variable "source_security_group_ids" {
  description = "Security groups whose members may come in on the preset's ports, by a name for the rule."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for group in values(var.source_security_group_ids) : can(regex("^sg-[0-9a-f]+$", group))])
    error_message = "source_security_group_ids must be ids of security groups, for example sg-0a1b2c3d4e5f60718."
  }
}

variable "ingress_prefix_list_ids" {
  description = "Prefix lists that may come in instead of everybody, by a name for the rule, for example the list of CloudFront; for web-public only."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(var.ingress_prefix_list_ids) == 0 || var.preset == "web-public"
    error_message = "ingress_prefix_list_ids are for web-public only: what is on a list changes without a plan, so it may hold the internet one day."
  }

  validation {
    condition     = alltrue([for list in values(var.ingress_prefix_list_ids) : can(regex("^pl-[0-9a-f]+$", list))])
    error_message = "ingress_prefix_list_ids must be ids of prefix lists, for example pl-3b927c52."
  }
}

variable "ingress" {
  description = "More that comes in, by name: one port or a range of them, from one range of addresses or one security group."
  type = map(object({
    description       = optional(string)
    protocol          = optional(string, "tcp")
    from_port         = number
    to_port           = optional(number)
    cidr_ipv4         = optional(string)
    cidr_ipv6         = optional(string)
    security_group_id = optional(string)
    prefix_list_id    = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for rule in values(var.ingress) : contains(["tcp", "udp"], rule.protocol)])
    error_message = "protocols of ingress rules must be tcp or udp: \"-1\" is every protocol on every port."
  }

  validation {
    condition = alltrue([
      for rule in values(var.ingress) :
      rule.from_port >= 1 && coalesce(rule.to_port, rule.from_port) <= 65535 && rule.from_port <= coalesce(rule.to_port, rule.from_port) && coalesce(rule.to_port, rule.from_port) - rule.from_port <= 1000
    ])
    error_message = "ports of ingress rules must be from 1 to 65535, the lower one first, and at most 1000 apart: a rule opens what a service listens on."
  }

  validation {
    condition = alltrue([
      for rule in values(var.ingress) : length([for source in [rule.cidr_ipv4, rule.cidr_ipv6, rule.security_group_id] : source if source != null]) == 1 || rule.prefix_list_id != null
    ])
    error_message = "an ingress rule must have exactly one of cidr_ipv4, cidr_ipv6 and security_group_id."
  }

  validation {
    condition     = alltrue([for rule in values(var.ingress) : rule.prefix_list_id == null])
    error_message = "prefix lists are refused on ingress, since what is on them changes without a plan; a public load balancer has ingress_prefix_list_ids."
  }

  validation {
    condition = alltrue([
      for rule in values(var.ingress) :
      try(tonumber(split("/", rule.cidr_ipv4)[1]) >= 8, rule.cidr_ipv4 == null) && try(tonumber(split("/", rule.cidr_ipv6)[1]) >= 32, rule.cidr_ipv6 == null)
    ])
    error_message = "ingress rules must not let the internet in: 0.0.0.0/0, ::/0 and pieces of them wider than /8 (IPv6: /32) are refused. For a public load balancer declare preset = \"web-public\"."
  }

  validation {
    condition = var.stage != "prod" || alltrue([
      for rule in values(var.ingress) :
      can(regex(local.private, coalesce(rule.cidr_ipv4, "none"))) || try(tonumber(split("/", rule.cidr_ipv4)[1]) >= 16, rule.cidr_ipv4 == null) && try(tonumber(split("/", rule.cidr_ipv6)[1]) >= 48, rule.cidr_ipv6 == null)
    ])
    error_message = "ingress rules must be for private ranges in prod, or for at most a /16 of the internet (IPv6: a /48): a wider one is somebody else's network."
  }

  validation {
    condition = alltrue([
      for rule in values(var.ingress) : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null || alltrue([
        for port in local.admin_ports : port < rule.from_port || port > coalesce(rule.to_port, rule.from_port)
      ]) || try(tonumber(split("/", rule.cidr_ipv4)[1]) >= (can(regex(local.private, rule.cidr_ipv4)) ? 16 : 24), rule.cidr_ipv4 == null) && try(tonumber(split("/", rule.cidr_ipv6)[1]) >= 48, rule.cidr_ipv6 == null)
    ])
    error_message = "ports 22, 3389, 5985 and 5986 may be open to at most a /16 of a private network, a /24 of the internet (IPv6: a /48): better use Session Manager, which needs no port."
  }
}

variable "egress" {
  description = "What goes out, by name; beyond the preset's own nothing does. A database or cache answers without a rule."
  type = map(object({
    description       = optional(string)
    protocol          = optional(string, "tcp")
    from_port         = number
    to_port           = optional(number)
    cidr_ipv4         = optional(string)
    cidr_ipv6         = optional(string)
    security_group_id = optional(string)
    prefix_list_id    = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for rule in values(var.egress) : contains(["tcp", "udp"], rule.protocol)])
    error_message = "protocols of egress rules must be tcp or udp: \"-1\" is every protocol on every port."
  }

  validation {
    condition = alltrue([
      for rule in values(var.egress) : length([for target in [rule.cidr_ipv4, rule.cidr_ipv6, rule.security_group_id, rule.prefix_list_id] : target if target != null]) == 1
    ])
    error_message = "an egress rule must have exactly one of cidr_ipv4, cidr_ipv6, security_group_id and prefix_list_id."
  }

  validation {
    condition = var.stage != "prod" || alltrue([
      for rule in values(var.egress) : coalesce(rule.to_port, rule.from_port) == rule.from_port if contains(["0.0.0.0/0", "::/0"], coalesce(rule.cidr_ipv4, rule.cidr_ipv6, "none"))
    ])
    error_message = "an egress rule to everybody must have one port in prod: what leaves on any port is found by nobody."
  }
}
