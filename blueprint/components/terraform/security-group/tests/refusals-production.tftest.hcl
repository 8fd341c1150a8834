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

run "somebody_elses_network_in_prod" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    stage   = "prod"
    preset  = "custom"
    ingress = { partner = { from_port = 443, cidr_ipv4 = "8.0.0.0/8" } }
  }
}

run "somebody_elses_network_as_source_in_prod" {
  command         = plan
  expect_failures = [var.source_cidr_blocks]

  variables {
    stage              = "prod"
    preset             = "web-internal"
    source_cidr_blocks = { partner = "8.0.0.0/8" }
  }
}

run "ssh_from_a_whole_company" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    preset  = "custom"
    ingress = { ssh = { from_port = 22, cidr_ipv4 = "10.0.0.0/8" } }
  }
}

run "ssh_in_a_range_of_ports" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    preset  = "custom"
    ingress = { more = { from_port = 20, to_port = 30, cidr_ipv4 = "203.0.113.0/20" } }
  }
}

run "ssh_as_a_port_of_the_preset" {
  command         = plan
  expect_failures = [var.ports]

  variables {
    preset             = "custom"
    ports              = [22]
    source_cidr_blocks = { company = "10.0.0.0/8" }
  }
}

run "anything_goes_out_in_prod" {
  command         = plan
  expect_failures = [var.egress]

  variables {
    stage  = "prod"
    preset = "custom"
    egress = { all = { from_port = 1, to_port = 65535, cidr_ipv4 = "0.0.0.0/0" } }
  }
}
