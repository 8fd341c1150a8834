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
  stage       = "dev"
  region      = "us-east-1"
  name        = "photos"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "dev"
    service     = "photos"
  }
  administrators = ["gaia-deployer"]
}

run "use_without_a_service" {
  command         = plan
  expect_failures = [var.via_services]

  variables {
    via_services = []
  }
}

run "use_through_any_service" {
  command         = plan
  expect_failures = [var.via_services]

  variables {
    via_services = ["*"]
  }
}

run "a_service_that_nobody_expects" {
  command         = plan
  expect_failures = [var.aws_services]

  variables {
    aws_services = ["ec2"]
  }
}

run "everybody_grants" {
  command         = plan
  expect_failures = [var.granting_roles]

  variables {
    granting_roles = ["*"]
  }
}
