# The second fence behind security groups. Lists keep no state, so answers to what was asked from inside come in on
# high ports, from anywhere. The port of Remote Desktop lies among them and is left out (AWS FSBP EC2.21): a connection
# for which a NAT gateway happens to take it, one in 64,512, is tried again by its client.
locals {
  anywhere = concat(
    [{ name = "ipv4", ipv4 = "0.0.0.0/0", ipv6 = null }],
    [for block in ["::/0"] : { name = "ipv6", ipv4 = null, ipv6 = block } if var.ipv6_enabled],
  )
  inside = concat(
    [{ name = "ipv4", ipv4 = aws_vpc.this.cidr_block, ipv6 = null }],
    [for on in [true] : { name = "ipv6", ipv4 = null, ipv6 = aws_vpc.this.ipv6_cidr_block } if var.ipv6_enabled],
  )
  answers = [for range in [[1024, 3388], [3390, 65535]] : { from = range[0], to = range[1] }]

  # protocol: tcp 6, udp 17, everything -1. The position gives the number of the rule.
  from_inside = [for source in local.inside : { protocol = "-1", from = 0, to = 0, ipv4 = source.ipv4, ipv6 = source.ipv6 }]
  to_anywhere = [for target in local.anywhere : { protocol = "-1", from = 0, to = 0, ipv4 = target.ipv4, ipv6 = target.ipv6 }]
  from_anywhere = {
    for protocol in ["6", "17"] : protocol => flatten([
      for source in local.anywhere : [
        for range in local.answers : { protocol = protocol, from = range.from, to = range.to, ipv4 = source.ipv4, ipv6 = source.ipv6 }
      ]
    ])
  }
  web = flatten([
    for source in local.anywhere : [for port in [80, 443] : { protocol = "6", from = port, to = port, ipv4 = source.ipv4, ipv6 = source.ipv6 }]
  ])

  acls = {
    public   = { subnets = aws_subnet.public, ingress = concat(local.from_inside, local.web, local.from_anywhere["6"], local.from_anywhere["17"]), egress = local.to_anywhere }
    private  = { subnets = aws_subnet.private, ingress = concat(local.from_inside, local.from_anywhere["6"], local.from_anywhere["17"]), egress = local.to_anywhere }
    isolated = { subnets = aws_subnet.isolated, ingress = local.from_inside, egress = local.from_inside }
  }
}

resource "aws_network_acl" "this" {
  for_each   = local.acls
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for zone in var.availability_zones : each.value.subnets[zone].id]
  tags       = merge(var.tags, { Name = "${local.id}-${each.key}" })

  dynamic "ingress" {
    for_each = each.value.ingress

    content {
      rule_no         = 100 + 10 * ingress.key
      action          = "allow"
      protocol        = ingress.value.protocol
      from_port       = ingress.value.from
      to_port         = ingress.value.to
      cidr_block      = ingress.value.ipv4
      ipv6_cidr_block = ingress.value.ipv6
    }
  }

  dynamic "egress" {
    for_each = each.value.egress

    content {
      rule_no         = 100 + 10 * egress.key
      action          = "allow"
      protocol        = egress.value.protocol
      from_port       = egress.value.from
      to_port         = egress.value.to
      cidr_block      = egress.value.ipv4
      ipv6_cidr_block = egress.value.ipv6
    }
  }
}
