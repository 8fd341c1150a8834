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

run "everybody_over_ipv4" {
  command         = plan
  expect_failures = [var.source_cidr_blocks]

  variables {
    source_cidr_blocks = { all = "0.0.0.0/0" }
  }
}

run "everybody_over_ipv6" {
  command         = plan
  expect_failures = [var.source_cidr_blocks]

  variables {
    source_cidr_blocks = { all = "::/0" }
  }
}

run "everybody_in_two_halves" {
  command         = plan
  expect_failures = [var.source_cidr_blocks]

  variables {
    source_cidr_blocks = { low = "0.0.0.0/1", high = "128.0.0.0/1" }
  }
}

run "a_range_that_is_none" {
  command         = plan
  expect_failures = [var.source_cidr_blocks]

  variables {
    source_cidr_blocks = { office = "office" }
  }
}

run "everybody_in_a_rule" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    ingress = { ssh = { from_port = 22, cidr_ipv4 = "0.0.0.0/0" } }
  }
}

run "everybody_in_a_rule_over_ipv6" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    ingress = { ssh = { from_port = 22, cidr_ipv6 = "::/0" } }
  }
}

run "a_list_in_a_rule" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    ingress = { list = { from_port = 443, prefix_list_id = "pl-3b927c52" } }
  }
}

run "everybody_in_a_rule_of_a_public_group" {
  command         = plan
  expect_failures = [var.ingress]

  variables {
    preset  = "web-public"
    ingress = { admin = { from_port = 8443, cidr_ipv4 = "0.0.0.0/0" } }
  }
}
