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

run "an_arn_for_a_name" {
  command         = plan
  expect_failures = [var.cluster_name]

  variables {
    cluster_name = "arn:aws:eks:us-east-1:123456789012:cluster/apps"
  }
}

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.volume_key_arn]

  variables {
    volume_key_arn = "alias/aws/ebs"
  }
}

run "an_addon_that_aws_does_not_manage" {
  command         = plan
  expect_failures = [var.addon_versions]

  variables {
    addon_versions = { argocd = "v1.0.0-eksbuild.1" }
  }
}

run "a_version_that_is_none" {
  command         = plan
  expect_failures = [var.addon_versions]

  variables {
    addon_versions = { coredns = "latest" }
  }
}

run "rules_that_only_look_in_prod" {
  command         = plan
  expect_failures = [var.addons]

  variables {
    stage  = "prod"
    addons = { gatekeeper = { enabled = true, enforcement = "dryrun" } }
  }
}
