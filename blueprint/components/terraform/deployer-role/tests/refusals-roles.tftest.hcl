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

run "roles_without_a_boundary" {
  command         = plan
  expect_failures = [var.boundary_arns]

  variables {
    boundary_arns = []
  }
}

run "a_boundary_that_bounds_nothing" {
  command         = plan
  expect_failures = [var.boundary_arns]

  variables {
    boundary_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  }
}

run "any_role_handed_on" {
  command         = plan
  expect_failures = [var.passed_roles]

  variables {
    passed_roles = { "eks.amazonaws.com" = ["*"] }
  }
}

run "handed_to_no_service_of_aws" {
  command         = plan
  expect_failures = [var.passed_roles]

  variables {
    passed_roles = { "*" = ["acme-use1-prod-apps-cluster"] }
  }
}

run "a_protected_role_by_pattern" {
  command         = plan
  expect_failures = [var.protected_roles]

  variables {
    protected_roles = ["acme-*"]
  }
}

run "its_own_boundary_bounds_nothing" {
  command         = plan
  expect_failures = [var.permissions_boundary_arn]

  variables {
    permissions_boundary_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
  }
}

run "more_roles_than_a_policy_holds" {
  command         = plan
  expect_failures = [aws_iam_policy.this]

  variables {
    passed_roles = { "ec2.amazonaws.com" = [for number in range(100) : "acme-use1-prod-a-role-with-a-name-that-is-rather-long-${number}"] }
  }
}
