mock_provider "aws" {}

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
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
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
    condition     = length(aws_ecr_repository.this.name) <= 256
    error_message = "AWS takes no longer name"
  }
}
