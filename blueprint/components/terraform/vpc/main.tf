locals {
  # Names of zones are inputs, not what a data source finds: a zone that AWS opens must not move anybody's subnets.
  zones = { for index, zone in var.availability_zones : zone => index }

  # One half for private subnets, a quarter each for public and isolated ones, each in eight parts whatever the number
  # of zones: a zone that is added later does not renumber the others.
  halves  = cidrsubnets(var.cidr_block, 1, 2, 2)
  subnets = { for tier, block in { private = local.halves[0], public = local.halves[1], isolated = local.halves[2] } : tier => { for zone, index in local.zones : zone => cidrsubnet(block, 3, index) } }
  # An IPv6 block of a VPC is a /56, so it has 256 subnets of /64.
  ipv6_offset = { private = 0, public = 8, isolated = 16 }
}

resource "aws_vpc" "this" {
  cidr_block                       = var.cidr_block
  assign_generated_ipv6_cidr_block = var.ipv6_enabled
  enable_dns_hostnames             = true
  enable_dns_support               = true
  tags                             = merge(var.tags, { Name = local.id })
}

# The group that instances get when nobody chooses one lets nothing in or out.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = "${local.id}-default-unused" })
}

# Nor does the list that a subnet gets when nobody chooses one.
resource "aws_default_network_acl" "this" {
  default_network_acl_id = aws_vpc.this.default_network_acl_id
  tags                   = merge(var.tags, { Name = "${local.id}-default-unused" })

  lifecycle {
    ignore_changes = [subnet_ids]
  }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = local.id })
}

resource "aws_egress_only_internet_gateway" "this" {
  count  = var.ipv6_enabled ? 1 : 0
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = local.id })
}

resource "aws_subnet" "public" {
  for_each                        = local.zones
  vpc_id                          = aws_vpc.this.id
  availability_zone               = each.key
  cidr_block                      = local.subnets.public[each.key]
  ipv6_cidr_block                 = var.ipv6_enabled ? cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, local.ipv6_offset.public + each.value) : null
  map_public_ip_on_launch         = false
  assign_ipv6_address_on_creation = false

  tags = merge(var.tags, { Name = "${local.id}-public-${each.key}", tier = "public", "kubernetes.io/role/elb" = "1" })
}

resource "aws_subnet" "private" {
  for_each                        = local.zones
  vpc_id                          = aws_vpc.this.id
  availability_zone               = each.key
  cidr_block                      = local.subnets.private[each.key]
  ipv6_cidr_block                 = var.ipv6_enabled ? cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, local.ipv6_offset.private + each.value) : null
  assign_ipv6_address_on_creation = var.ipv6_enabled

  tags = merge(var.tags, { Name = "${local.id}-private-${each.key}", tier = "private", "kubernetes.io/role/internal-elb" = "1" })
}

resource "aws_subnet" "isolated" {
  for_each                        = local.zones
  vpc_id                          = aws_vpc.this.id
  availability_zone               = each.key
  cidr_block                      = local.subnets.isolated[each.key]
  ipv6_cidr_block                 = var.ipv6_enabled ? cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, local.ipv6_offset.isolated + each.value) : null
  assign_ipv6_address_on_creation = false

  tags = merge(var.tags, { Name = "${local.id}-isolated-${each.key}", tier = "isolated" })
}
