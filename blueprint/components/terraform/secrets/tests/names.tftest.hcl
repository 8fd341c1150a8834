mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_secretsmanager_secret" {
    defaults        = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-use1-dev-photos/database-AbCdEf" }
    override_during = plan
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
  key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  administrators = ["gaia-deployer"]
  secrets        = { database = { description = "Password", readers = ["acme-use1-dev-photos"] } }
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
    condition     = max([for secret in aws_secretsmanager_secret.this : length(secret.name)]...) <= 512
    error_message = "AWS takes no longer name"
  }
}
