locals {
  # Ranges that nobody on the internet has, and ports that machines are administered through: as the policies have them.
  private     = "^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.|[fF][cCdD])"
  admin_ports = [22, 3389, 5985, 5986]

  everywhere = { anyone = { ipv4 = "0.0.0.0/0", ipv6 = null }, anyone-ipv6 = { ipv4 = null, ipv6 = "::/0" } }

  # On what a preset lets come in, whether from everybody or only from whom the caller names, and what it lets out.
  presets = {
    web-public        = { ports = [80, 443], open = true, self = false, out = {} }
    web-internal      = { ports = [443], open = false, self = false, out = {} }
    database          = { ports = [5432], open = false, self = false, out = {} }
    cache             = { ports = [6379], open = false, self = true, out = {} }
    bastionless-admin = { ports = [], open = false, self = false, out = { https = 443 } }
    eks-node          = { ports = [443, 4443, 6443, 8443, 9443, 10250], open = false, self = true, out = { https = 443 } }
    custom            = { ports = [], open = false, self = false, out = {} }
  }
  preset = local.presets[var.preset]
  ports  = { for port in coalesce(var.ports, local.preset.ports) : "tcp-${port}" => port }

  # A rule has one source or target; these are the others.
  nobody = { cidr_ipv4 = null, cidr_ipv6 = null, group = null, prefix_list = null }
  on     = { for name, port in local.ports : name => merge(local.nobody, { protocol = "tcp", from_port = port, to_port = port }) }
  out    = { for name, port in local.preset.out : name => merge(local.nobody, { protocol = "tcp", from_port = port, to_port = port }) }

  from_ranges = merge([
    for name, rule in local.on : {
      for peer, block in var.source_cidr_blocks :
      "${name}-from-${peer}" => merge(rule, strcontains(block, ":") ? { cidr_ipv4 = null, cidr_ipv6 = block } : { cidr_ipv4 = block, cidr_ipv6 = null })
    }
  ]...)

  from_groups = merge([
    for name, rule in local.on : { for peer, group in var.source_security_group_ids : "${name}-from-group-${peer}" => merge(rule, { group = group }) }
  ]...)

  from_prefix_lists = merge([
    for name, rule in local.on : { for list, id in var.ingress_prefix_list_ids : "${name}-from-list-${list}" => merge(rule, { prefix_list = id }) }
  ]...)

  from_everywhere = merge([
    for name, rule in local.on : {
      for who, block in local.everywhere : "${name}-from-${who}" => merge(rule, { cidr_ipv4 = block.ipv4, cidr_ipv6 = block.ipv6 })
    } if local.preset.open && length(var.ingress_prefix_list_ids) == 0
  ]...)

  to_everywhere = merge([
    for name, rule in local.out : {
      for who, block in local.everywhere : "${name}-to-${who}" => merge(rule, { cidr_ipv4 = block.ipv4, cidr_ipv6 = block.ipv6 })
    }
  ]...)

  # In both directions.
  among_members = {
    for rule in ["members"] : rule => merge(local.nobody, { protocol = "-1", from_port = null, to_port = null, group = aws_security_group.this.id }) if local.preset.self
  }

  written = {
    for direction, rules in { in = var.ingress, out = var.egress } : direction => {
      for name, rule in rules : name => {
        protocol    = rule.protocol
        from_port   = rule.from_port
        to_port     = coalesce(rule.to_port, rule.from_port)
        cidr_ipv4   = rule.cidr_ipv4
        cidr_ipv6   = rule.cidr_ipv6
        group       = rule.security_group_id
        prefix_list = rule.prefix_list_id
      }
    }
  }
}

resource "aws_security_group" "this" {
  name                   = local.id
  description            = "${var.preset} for ${var.name} in ${var.tenant}-${var.environment}-${var.stage}"
  vpc_id                 = var.vpc_id
  revoke_rules_on_delete = true
  tags                   = merge(var.tags, { Name = local.id })
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each                     = merge(local.from_ranges, local.from_groups, local.from_prefix_lists, local.from_everywhere, local.among_members, local.written.in)
  security_group_id            = aws_security_group.this.id
  description                  = try(coalesce(var.ingress[each.key].description), "${var.preset}: ${each.key}")
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.from_port
  to_port                      = each.value.to_port
  cidr_ipv4                    = each.value.cidr_ipv4
  cidr_ipv6                    = each.value.cidr_ipv6
  referenced_security_group_id = each.value.group
  prefix_list_id               = each.value.prefix_list
  tags                         = merge(var.tags, { Name = each.key })
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each                     = merge(local.among_members, local.to_everywhere, local.written.out)
  security_group_id            = aws_security_group.this.id
  description                  = try(coalesce(var.egress[each.key].description), "${var.preset}: ${each.key}")
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.from_port
  to_port                      = each.value.to_port
  cidr_ipv4                    = each.value.cidr_ipv4
  cidr_ipv6                    = each.value.cidr_ipv6
  referenced_security_group_id = each.value.group
  prefix_list_id               = each.value.prefix_list
  tags                         = merge(var.tags, { Name = each.key })
}
