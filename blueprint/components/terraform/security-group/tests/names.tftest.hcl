mock_provider "aws" {
  override_during = plan

  mock_resource "aws_security_group" {
    defaults = { id = "sg-00000000" }
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
  vpc_id = "vpc-0a1b2c3d4e5f60718"
  preset = "database"
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
    condition     = length(aws_security_group.this.name) <= 255
    error_message = "AWS takes no longer name"
  }
}
