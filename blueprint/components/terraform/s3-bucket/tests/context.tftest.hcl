mock_provider "aws" {}

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
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "a_tag_that_bills_need_is_missing" {
  command         = plan
  expect_failures = [var.tags]

  variables {
    tags = { owner = "team-photos", tenant = "acme", stage = "dev", service = "photos" }
  }
}

run "a_tag_that_bills_need_is_empty" {
  command         = plan
  expect_failures = [var.tags]

  variables {
    tags = { cost-center = "", owner = "team-photos", tenant = "acme", stage = "dev", service = "photos" }
  }
}

run "a_stage_that_nobody_knows" {
  command         = plan
  expect_failures = [var.stage]

  variables {
    stage = "production"
  }
}

run "a_name_that_aws_would_refuse" {
  command         = plan
  expect_failures = [var.name]

  variables {
    name = "Photos_1"
  }
}

run "a_tenant_that_is_no_name" {
  command         = plan
  expect_failures = [var.tenant]

  variables {
    tenant = "Acme Inc"
  }
}

run "an_environment_that_is_no_name" {
  command         = plan
  expect_failures = [var.environment]

  variables {
    environment = "us-east-1"
  }
}

run "a_region_that_is_none" {
  command         = plan
  expect_failures = [var.region]

  variables {
    region = "use1"
  }
}
