# What an account has before anything else is in it, and its backups.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
}

locals {
  context = {
    tenant      = "acme"
    environment = "use1"
    stage       = "dev"
    region      = "us-east-1"
    tags = {
      cost-center = "cc-1234"
      owner       = "team-platform"
      tenant      = "acme"
      stage       = "dev"
      service     = "platform"
    }
  }
}

module "key" {
  source = "../../components/terraform/kms"

  tenant      = local.context.tenant
  environment = local.context.environment
  stage       = local.context.stage
  region      = local.context.region
  tags        = local.context.tags

  name                    = "account"
  administrators          = ["platform-admin"]
  aws_services            = ["backup", "cloudtrail", "config", "logs"]
  deletion_window_in_days = 7
}

module "baseline" {
  source = "../../components/terraform/account-baseline"

  tenant      = local.context.tenant
  environment = local.context.environment
  stage       = local.context.stage
  region      = local.context.region
  tags        = local.context.tags

  name    = "baseline"
  key_arn = module.key.key_arn
}

module "backup" {
  source = "../../components/terraform/backup"

  tenant      = local.context.tenant
  environment = local.context.environment
  stage       = local.context.stage
  region      = local.context.region
  tags        = local.context.tags

  name           = "vault"
  key_arn        = module.key.key_arn
  administrators = ["platform-admin"]
}
