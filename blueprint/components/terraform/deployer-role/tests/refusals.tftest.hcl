mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_policy" {
    defaults        = { arn = "arn:aws:iam::123456789012:policy/mock" }
    override_during = plan
  }

  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::123456789012:role/mock" }
    override_during = plan
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "deployer"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-platform"
    tenant      = "acme"
    stage       = "prod"
    service     = "platform"
  }
  components               = ["kms", "vpc", "security-group", "rds"]
  regions                  = ["us-east-1"]
  boundary_arns            = ["arn:aws:iam::123456789012:policy/acme-use1-prod-access-boundary"]
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/deployment-boundary"
  protected_roles          = ["acme-use1-prod-access-break-glass"]
  github                   = { repository = "acme/platform" }
  passed_roles             = { "vpc-flow-logs.amazonaws.com" = ["acme-use1-prod-network-flow-logs"] }

  state = {
    bucket_arn = "arn:aws:s3:::acme-prod-tfstate"
    key_arn    = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    region     = "us-east-1"
  }
}

run "a_component_that_nobody_recorded" {
  command         = plan
  expect_failures = [var.components]

  variables {
    components = ["blockchain"]
  }
}

run "no_component" {
  command         = plan
  expect_failures = [var.components]

  variables {
    components = []
  }
}

run "who_deploys_the_boundaries" {
  command         = plan
  expect_failures = [var.components]

  variables {
    components = ["vpc", "iam"]
  }
}

run "every_region" {
  command         = plan
  expect_failures = [var.regions]

  variables {
    regions = ["*"]
  }
}

run "every_bucket_of_states" {
  command         = plan
  expect_failures = [var.state]

  variables {
    state = { bucket_arn = "arn:aws:s3:::*", key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555", region = "us-east-1" }
  }
}

run "every_key" {
  command         = plan
  expect_failures = [var.state]

  variables {
    state = { bucket_arn = "arn:aws:s3:::acme-prod-tfstate", key_arn = "arn:aws:kms:us-east-1:123456789012:key/*", region = "us-east-1" }
  }
}
