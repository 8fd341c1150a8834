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

run "the_longest_name_fits" {
  command = plan

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
  }

  assert {
    condition     = length(aws_kms_alias.this.name) <= 256
    error_message = "AWS takes no longer name"
  }
}
