mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_vpc" {
    defaults = { id = "vpc-1", ipv6_cidr_block = "2600:1f18:1:1100::/56" }
  }

  mock_resource "aws_subnet" {
    defaults = {}
  }

  mock_resource "aws_nat_gateway" {
    defaults = {}
  }

  mock_resource "aws_route_table" {
    defaults = {}
  }

  mock_resource "aws_internet_gateway" {
    defaults = {}
  }

  mock_resource "aws_egress_only_internet_gateway" {
    defaults = {}
  }

  mock_resource "aws_eip" {
    defaults = {}
  }

  mock_resource "aws_vpc_endpoint" {
    defaults = {}
  }

  mock_resource "aws_default_network_acl" {
    defaults = {}
  }

  mock_resource "aws_default_security_group" {
    defaults = {}
  }

  mock_resource "aws_network_acl" {
    defaults = {}
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:flow" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/flow" }
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "network"
  tags = {
    cost-center = "cc-0001"
    owner       = "team-platform"
    tenant      = "acme"
    stage       = "prod"
    service     = "network"
  }

  cidr_block         = "10.20.0.0/16"
  availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "three_tiers_in_each_zone_from_one_range" {
  command = plan

  assert {
    condition     = [for zone in var.availability_zones : aws_subnet.private[zone].cidr_block] == ["10.20.0.0/20", "10.20.16.0/20", "10.20.32.0/20"]
    error_message = "private subnets must be the first parts of the lower half"
  }

  assert {
    condition     = [for zone in var.availability_zones : aws_subnet.public[zone].cidr_block] == ["10.20.128.0/21", "10.20.136.0/21", "10.20.144.0/21"]
    error_message = "public subnets must be the first parts of the third quarter"
  }

  assert {
    condition     = [for zone in var.availability_zones : aws_subnet.isolated[zone].cidr_block] == ["10.20.192.0/21", "10.20.200.0/21", "10.20.208.0/21"]
    error_message = "isolated subnets must be the first parts of the last quarter"
  }

  assert {
    condition     = alltrue([for zone, subnet in aws_subnet.private : subnet.availability_zone == zone]) && alltrue([for zone, subnet in aws_subnet.isolated : subnet.availability_zone == zone])
    error_message = "each subnet must be in its own zone"
  }

  assert {
    condition     = output.private_subnet_ids == [for zone in var.availability_zones : aws_subnet.private[zone].id]
    error_message = "subnet ids must come in the order of the zones"
  }

  assert {
    condition     = aws_vpc.this.tags == tomap(merge(var.tags, { Name = "acme-use1-prod-network" }))
    error_message = "the VPC must carry the tags and be called tenant-environment-stage-name"
  }
}

run "a_zone_that_is_added_moves_nobody" {
  command = plan

  variables {
    availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"]
  }

  assert {
    condition = [for zone in ["us-east-1c", "us-east-1d", "us-east-1f"] : [aws_subnet.private[zone].cidr_block, aws_subnet.public[zone].cidr_block, aws_subnet.isolated[zone].cidr_block]] == [
      ["10.20.32.0/20", "10.20.144.0/21", "10.20.208.0/21"],
      ["10.20.48.0/20", "10.20.152.0/21", "10.20.216.0/21"],
      ["10.20.80.0/20", "10.20.168.0/21", "10.20.232.0/21"],
    ]
    error_message = "the fourth and later zones must take parts that were free"
  }
}

run "each_zone_leaves_through_its_own_gateway" {
  command = plan

  assert {
    condition     = alltrue([for zone in var.availability_zones : aws_route.private[zone].nat_gateway_id == aws_nat_gateway.this[zone].id])
    error_message = "the route of a zone must lead to the NAT gateway of that zone"
  }

  assert {
    condition     = alltrue([for zone in var.availability_zones : aws_nat_gateway.this[zone].subnet_id == aws_subnet.public[zone].id])
    error_message = "a NAT gateway must stand in the public subnet of its zone"
  }

  assert {
    condition     = alltrue([for zone in var.availability_zones : aws_route_table_association.private[zone].route_table_id == aws_route_table.private[zone].id && aws_route_table_association.private[zone].subnet_id == aws_subnet.private[zone].id])
    error_message = "a private subnet must use the route table of its zone"
  }

  assert {
    condition     = length(output.nat_public_ips) == 3
    error_message = "there must be an address for each gateway"
  }
}

run "development_may_share_a_gateway" {
  command = plan

  variables {
    stage                = "dev"
    nat_gateway_strategy = "single"
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a"] && alltrue([for route in aws_route.private : route.nat_gateway_id == aws_nat_gateway.this["us-east-1a"].id]) && length(aws_route.private) == 3
    error_message = "all zones must leave through the gateway of the first"
  }
}

run "a_closed_network_has_no_gateway" {
  command = plan

  variables {
    nat_gateway_strategy = "none"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_route.private) == 0
    error_message = "there must be no NAT gateway, no address and no route out"
  }
}

run "nothing_is_reachable_by_accident" {
  command = plan

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.isolated)) : subnet.map_public_ip_on_launch != true])
    error_message = "no subnet may hand out public addresses"
  }

  assert {
    condition     = try(length(aws_default_security_group.this.ingress), 0) == 0 && try(length(aws_default_security_group.this.egress), 0) == 0
    error_message = "the default security group must be empty"
  }

  assert {
    condition     = length(aws_default_network_acl.this.ingress) == 0 && length(aws_default_network_acl.this.egress) == 0
    error_message = "the default access list must be empty"
  }

  assert {
    condition     = aws_route.public.gateway_id == aws_internet_gateway.this.id && aws_route.public.route_table_id == aws_route_table.public.id
    error_message = "only the public tier may lead to the internet gateway"
  }

  assert {
    condition     = alltrue([for association in aws_route_table_association.isolated : association.route_table_id == aws_route_table.isolated.id])
    error_message = "isolated subnets must use the table without routes"
  }
}

run "access_lists_know_their_tiers" {
  command = plan

  assert {
    condition = alltrue(flatten([for acl in aws_network_acl.this : [
      for rule in acl.ingress : !(rule.cidr_block == "0.0.0.0/0" && anytrue([for port in [22, 3389] : rule.from_port <= port && port <= rule.to_port]))
    ]]))
    error_message = "no list may let the world in on the ports of remote administration"
  }

  assert {
    condition     = sort([for rule in aws_network_acl.this["public"].ingress : format("%s:%d", rule.cidr_block, rule.from_port) if rule.protocol == "6" && rule.from_port < 1024]) == tolist(["0.0.0.0/0:443", "0.0.0.0/0:80"])
    error_message = "the public tier must let in web requests only, below the ports of answers"
  }

  assert {
    condition     = length([for rule in aws_network_acl.this["private"].ingress : rule if rule.cidr_block != "10.20.0.0/16" && rule.from_port < 1024]) == 0
    error_message = "the private tier must let in answers only"
  }

  assert {
    condition     = [for rule in concat(tolist(aws_network_acl.this["isolated"].ingress), tolist(aws_network_acl.this["isolated"].egress)) : rule.cidr_block] == ["10.20.0.0/16", "10.20.0.0/16"]
    error_message = "the isolated tier must know the VPC only"
  }

  assert {
    condition     = length(aws_network_acl.this["private"].subnet_ids) == 3
    error_message = "every subnet must have its list"
  }
}

run "all_traffic_is_logged_and_encrypted" {
  command = plan

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_flow_log.this.vpc_id == aws_vpc.this.id && aws_flow_log.this.log_destination == aws_cloudwatch_log_group.flow.arn
    error_message = "the flow log must cover the whole VPC"
  }

  assert {
    condition     = aws_cloudwatch_log_group.flow.kms_key_id == var.key_arn && aws_cloudwatch_log_group.flow.retention_in_days == 365
    error_message = "flow logs must be encrypted with the given key and kept for a year"
  }

  assert {
    condition     = jsondecode(aws_iam_role.flow.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "the role must serve flow logs of this account only"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.flow.policy).Statement[0].Resource == [
      "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/acme-use1-prod-network/flow",
      "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/acme-use1-prod-network/flow:log-stream:*",
    ]
    error_message = "the role must write to its own group only"
  }
}

run "aws_is_reached_through_endpoints" {
  command = plan

  assert {
    condition     = toset(keys(aws_vpc_endpoint.gateway)) == toset(["dynamodb", "s3"]) && alltrue([for one in aws_vpc_endpoint.gateway : length(one.route_table_ids) == 3])
    error_message = "S3 and DynamoDB must be reached through gateways from every private table"
  }

  assert {
    condition     = alltrue([for one in aws_vpc_endpoint.interface : length(one.subnet_ids) == 3 && one.private_dns_enabled])
    error_message = "interface endpoints must stand in every zone and answer under AWS's own names"
  }

  assert {
    condition     = aws_vpc_endpoint.interface["ecr.api"].service_name == "com.amazonaws.us-east-1.ecr.api"
    error_message = "an endpoint must lead to its service in the region"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.cidr_ipv4 == "10.20.0.0/16" && aws_vpc_security_group_ingress_rule.endpoints.from_port == 443
    error_message = "endpoints must be reachable from inside only"
  }
}

run "ipv6_reaches_out_and_is_not_reached" {
  command = plan

  variables {
    ipv6_enabled = true
  }

  assert {
    condition     = aws_subnet.private["us-east-1b"].ipv6_cidr_block == "2600:1f18:1:1101::/64" && aws_subnet.isolated["us-east-1a"].ipv6_cidr_block == "2600:1f18:1:1110::/64"
    error_message = "each subnet must have its own /64"
  }

  assert {
    condition     = alltrue([for route in aws_route.private_ipv6 : route.egress_only_gateway_id == aws_egress_only_internet_gateway.this[0].id]) && length(aws_route.private_ipv6) == 3
    error_message = "private subnets must use the gateway that lets nobody in"
  }

  assert {
    condition     = length([for rule in aws_network_acl.this["private"].ingress : rule if rule.ipv6_cidr_block == "::/0" && rule.from_port < 1024]) == 0
    error_message = "the private tier must let in answers only, over IPv6 too"
  }
}
