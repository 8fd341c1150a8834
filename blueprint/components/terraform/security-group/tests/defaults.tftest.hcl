mock_provider "aws" {
  override_during = plan

  mock_resource "aws_security_group" {
    defaults = { id = "sg-00000000" }
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-shop"
    tenant      = "acme"
    stage       = "prod"
    service     = "shop"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60718"
  preset = "database"
}

run "a_preset_alone_opens_nothing" {
  command = plan

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.this) == 0 && length(aws_vpc_security_group_egress_rule.this) == 0
    error_message = "a database must be closed until somebody names who may come in"
  }

  assert {
    condition     = aws_security_group.this.name == "acme-use1-prod-shop" && aws_security_group.this.tags == tomap(merge(var.tags, { Name = "acme-use1-prod-shop" }))
    error_message = "the group must have its name and the tags"
  }
}

run "a_database_lets_named_sources_in_on_its_port" {
  command = plan

  variables {
    source_cidr_blocks        = { workloads = "10.20.0.0/17", workloads-ipv6 = "2001:db8::/48" }
    source_security_group_ids = { jobs = "sg-0a1b2c3d" }
  }

  assert {
    condition = jsonencode({ for name, rule in aws_vpc_security_group_ingress_rule.this : name => [rule.ip_protocol, rule.from_port, rule.to_port, rule.cidr_ipv4, rule.cidr_ipv6, rule.referenced_security_group_id] }) == jsonencode({
      tcp-5432-from-workloads      = ["tcp", 5432, 5432, "10.20.0.0/17", null, null]
      tcp-5432-from-workloads-ipv6 = ["tcp", 5432, 5432, null, "2001:db8::/48", null]
      tcp-5432-from-group-jobs     = ["tcp", 5432, 5432, null, null, "sg-0a1b2c3d"]
    })
    error_message = "each source must have a rule of its own, on the port of PostgreSQL"
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.this) == 0
    error_message = "a database must not reach out"
  }
}

run "a_public_load_balancer_is_open_on_two_ports" {
  command = plan

  variables {
    preset = "web-public"
  }

  assert {
    condition     = sort([for rule in aws_vpc_security_group_ingress_rule.this : format("%s:%d", coalesce(rule.cidr_ipv4, rule.cidr_ipv6), rule.from_port)]) == tolist(["0.0.0.0/0:443", "0.0.0.0/0:80", "::/0:443", "::/0:80"])
    error_message = "it must be open to everybody on 80 and 443, and on nothing else"
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.this) == 0
    error_message = "it must reach only what egress names"
  }
}

run "a_public_load_balancer_behind_a_list_is_not_open" {
  command = plan

  variables {
    preset                  = "web-public"
    ports                   = [443]
    ingress_prefix_list_ids = { cloudfront = "pl-3b927c52" }
  }

  assert {
    condition     = jsonencode([for name, rule in aws_vpc_security_group_ingress_rule.this : [name, rule.prefix_list_id, rule.cidr_ipv4]]) == jsonencode([["tcp-443-from-list-cloudfront", "pl-3b927c52", null]])
    error_message = "the list must take the place of everybody"
  }
}

run "internal_web_is_https_from_inside" {
  command = plan

  variables {
    preset             = "web-internal"
    source_cidr_blocks = { vpc = "10.20.0.0/16" }
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.this) == ["tcp-443-from-vpc"]
    error_message = "internal web must be HTTPS from named sources"
  }
}

run "caches_talk_among_themselves" {
  command = plan

  variables {
    preset                    = "cache"
    source_security_group_ids = { workloads = "sg-0a1b2c3d" }
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.this) == ["members", "tcp-6379-from-group-workloads"] && keys(aws_vpc_security_group_egress_rule.this) == ["members"]
    error_message = "replicas must reach each other, clients the port, and nothing else"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.this["members"].referenced_security_group_id == aws_security_group.this.id
    error_message = "members are those of the group itself"
  }
}

run "administrators_come_through_systems_manager" {
  command = plan

  variables {
    preset = "bastionless-admin"
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.this) == 0
    error_message = "no port may be open: the agent opens the connection"
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.this : rule.from_port == 443 && rule.to_port == 443 && rule.ip_protocol == "tcp"])
    error_message = "only HTTPS may go out"
  }
}

run "nodes_are_reached_by_the_control_plane_and_each_other" {
  command = plan

  variables {
    preset                    = "eks-node"
    source_security_group_ids = { control-plane = "sg-0a1b2c3d" }
  }

  assert {
    condition     = sort([for name, rule in aws_vpc_security_group_ingress_rule.this : name]) == tolist(["members", "tcp-10250-from-group-control-plane", "tcp-443-from-group-control-plane", "tcp-4443-from-group-control-plane", "tcp-6443-from-group-control-plane", "tcp-8443-from-group-control-plane", "tcp-9443-from-group-control-plane"])
    error_message = "the control plane must reach kubelets and webhooks, nodes each other"
  }

  assert {
    condition     = sort(keys(aws_vpc_security_group_egress_rule.this)) == tolist(["https-to-anyone", "https-to-anyone-ipv6", "members"])
    error_message = "nodes must reach registries over HTTPS, and each other"
  }
}

run "rules_of_ones_own" {
  command = plan

  variables {
    preset  = "custom"
    ingress = { metrics = { description = "Prometheus", from_port = 9100, to_port = 9110, cidr_ipv4 = "10.20.0.0/16" } }
    egress = {
      dns = { protocol = "udp", from_port = 53, cidr_ipv4 = "10.20.0.2/32" }
      s3  = { from_port = 443, prefix_list_id = "pl-63a5400a" }
    }
  }

  assert {
    condition     = [for name, rule in aws_vpc_security_group_ingress_rule.this : [name, rule.description, rule.from_port, rule.to_port, rule.cidr_ipv4]] == [["metrics", "Prometheus", 9100, 9110, "10.20.0.0/16"]]
    error_message = "what comes in must be what is written"
  }

  assert {
    condition     = jsonencode([for name, rule in aws_vpc_security_group_egress_rule.this : [name, rule.ip_protocol, rule.from_port, rule.to_port, rule.prefix_list_id]]) == jsonencode([["dns", "udp", 53, 53, null], ["s3", "tcp", 443, 443, "pl-63a5400a"]])
    error_message = "what goes out must be what is written"
  }
}
