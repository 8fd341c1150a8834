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

run "logs_without_a_bucket" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { loki = { enabled = true } }
  }
}

run "traces_that_production_forgets" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { jaeger = { enabled = true } }
  }
}

run "an_enforcement_that_nobody_knows" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { gatekeeper = { enabled = true, enforcement = "audit" } }
  }
}

run "releases_without_metrics" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { flagger = { enabled = true } }
  }
}

run "every_secret" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { external_secrets = { enabled = true, secret_arns = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:*"] } }
  }
}

run "no_secret_named" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    addons = { external_secrets = { enabled = true } }
  }
}
