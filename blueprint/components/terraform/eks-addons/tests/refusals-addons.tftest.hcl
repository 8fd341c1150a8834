mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
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
  cluster_name   = "acme-use1-prod-apps"
  volume_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "deliveries_that_stop_with_a_node" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { argocd = { enabled = true, ha = false } }
  }
}

run "everybody_sees_everything" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { argocd = { enabled = true, rbac = { default_role = "role:readonly" } } }
  }
}

run "a_host_that_is_none" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { grafana = { enabled = true, ingress = { host = "https://grafana.example.com" } } }
  }
}

run "a_retention_that_is_none" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { prometheus = { enabled = true, retention = "forever" } }
  }
}

run "a_storage_that_is_none" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { prometheus = { enabled = true, storage = "big" } }
  }
}

run "the_demo_portal" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { backstage = { enabled = true } }
  }
}

run "a_boundary_that_is_no_policy" {
  command         = plan
  expect_failures = [var.permissions_boundary_arn]

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:role/boundary"
  }
}
