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

run "a_vpc_that_is_a_name" {
  command         = plan
  expect_failures = [var.vpc_id]

  variables {
    vpc_id = "network"
  }
}

run "a_preset_that_nobody_knows" {
  command         = plan
  expect_failures = [var.preset]

  variables {
    preset = "open"
  }
}

run "a_port_that_is_none" {
  command         = plan
  expect_failures = [var.ports]

  variables {
    ports = [70000]
  }
}

run "a_public_database_port" {
  command         = plan
  expect_failures = [var.ports]

  variables {
    preset = "web-public"
    ports  = [443, 5432]
  }
}

run "a_way_in_for_administrators" {
  command         = plan
  expect_failures = [var.ports]

  variables {
    preset = "bastionless-admin"
    ports  = [22]
  }
}

run "a_group_that_is_a_name" {
  command         = plan
  expect_failures = [var.source_security_group_ids]

  variables {
    source_security_group_ids = { web = "web" }
  }
}

run "a_list_for_a_database" {
  command         = plan
  expect_failures = [var.ingress_prefix_list_ids]

  variables {
    ingress_prefix_list_ids = { offices = "pl-3b927c52" }
  }
}

run "a_list_that_is_a_name" {
  command         = plan
  expect_failures = [var.ingress_prefix_list_ids]

  variables {
    preset                  = "web-public"
    ingress_prefix_list_ids = { cloudfront = "com.amazonaws.global.cloudfront.origin-facing" }
  }
}
