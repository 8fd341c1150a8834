# What an account has before anything else is in it, its backups, and who is told when something goes wrong.
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
  aws_services            = ["backup", "cloudtrail", "cloudwatch", "config", "logs", "sns"]
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

module "monitoring" {
  source = "../../components/terraform/monitoring"

  tenant      = local.context.tenant
  environment = local.context.environment
  stage       = local.context.stage
  region      = local.context.region
  tags        = local.context.tags

  name           = "alarms"
  key_arn        = module.key.key_arn
  overview       = true
  budgets        = { all = { amount = 100 } }
  log_groups     = { shop = {} }
  metric_filters = { errors = { log_group = "shop", pattern = "{ $.level = \"error\" }" } }
  queries        = { slowest = { log_groups = ["shop"], query = "fields @timestamp, duration | sort duration desc" } }

  alarms = {
    errors = { description = "The shop answers with errors: roll back.", metric = "errors", threshold = 10 }
    slow = {
      description        = "The shop is slow: look at its database."
      namespace          = "AWS/ApplicationELB"
      metric             = "TargetResponseTime"
      dimensions         = { LoadBalancer = "app/shop/0123456789abcdef" }
      extended_statistic = "p99"
      threshold          = 1.5
    }
  }
  composite_alarms = { shop-down = { description = "The shop is slow and fails.", alarms = ["errors", "slow"] } }

  services = {
    shop = {
      description = "Sells."
      signals     = [{ title = "Errors", metrics = [{ namespace = "Gaia/acme-use1-dev-alarms", name = "errors", dimensions = {} }] }]
    }
  }
}
