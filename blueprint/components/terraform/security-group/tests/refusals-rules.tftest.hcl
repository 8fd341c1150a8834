mock_provider "aws" {}

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

run "every_protocol_in" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    ingress = { all = { protocol = "-1", from_port = 1, cidr_ipv4 = "10.0.0.0/8" } }
  }
}

run "every_port_in" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    ingress = { all = { from_port = 1, to_port = 65535, cidr_ipv4 = "10.0.0.0/8" } }
  }
}

run "two_sources_in_a_rule" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    ingress = { two = { from_port = 443, cidr_ipv4 = "10.0.0.0/8", security_group_id = "sg-0a1b2c3d" } }
  }
}

run "no_source_in_a_rule" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    ingress = { none = { from_port = 443 } }
  }
}

run "every_protocol_out" {
  command         = plan
  expect_failures = [var.egress]

  variables {
    egress = { all = { protocol = "-1", from_port = 1, cidr_ipv4 = "0.0.0.0/0" } }
  }
}

run "two_targets_in_a_rule" {
  command         = plan
  expect_failures = [var.egress]

  variables {
    egress = { two = { from_port = 443, cidr_ipv4 = "10.0.0.0/8", cidr_ipv6 = "2001:db8::/48" } }
  }
}
