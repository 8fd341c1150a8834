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

run "a_stage_of_ones_own" {
  command = plan

  variables {
    stage = "qa"
    tags = {
      cost-center = "cc-1234"
      owner       = "team-photos"
      tenant      = "acme"
      stage       = "qa"
      service     = "photos"
    }
  }

  assert {
    condition     = aws_kms_alias.this.name == "alias/acme-use1-qa-photos"
    error_message = "its names have the stage, got ${aws_kms_alias.this.name}"
  }
}

run "a_stage_of_too_many_letters" {
  command         = plan
  expect_failures = [var.stage]

  variables {
    stage = "acceptance"
  }
}

run "production_by_a_name_that_nothing_guards" {
  command         = plan
  expect_failures = [var.stage]

  variables {
    stage = "prod2"
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
