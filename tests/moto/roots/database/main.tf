# A database in subnets without a way out, and who may reach it.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  context = {
    tenant      = "acme"
    environment = "use1"
    stage       = "dev"
    region      = "us-east-1"
    tags        = { cost-center = "cc-0001", owner = "team-shop", tenant = "acme", stage = "dev", service = "shop" }
  }
}

module "key" {
  source                  = "../../components/terraform/kms"
  tenant                  = local.context.tenant
  environment             = local.context.environment
  stage                   = local.context.stage
  region                  = local.context.region
  tags                    = local.context.tags
  name                    = "platform"
  administrators          = ["gaia-deployer"]
  aws_services            = ["logs"]
  deletion_window_in_days = 7
}

module "network" {
  source               = "../../components/terraform/vpc"
  tenant               = local.context.tenant
  environment          = local.context.environment
  stage                = local.context.stage
  region               = local.context.region
  tags                 = local.context.tags
  name                 = "network"
  cidr_block           = "10.20.0.0/16"
  availability_zones   = ["us-east-1a", "us-east-1b"]
  nat_gateway_strategy = "none"
  interface_endpoints  = []
  key_arn              = module.key.key_arn
}

module "rules" {
  source      = "../../components/terraform/security-group"
  tenant      = local.context.tenant
  environment = local.context.environment
  stage       = local.context.stage
  region      = local.context.region
  tags        = local.context.tags
  name        = "shop-database"
  vpc_id      = module.network.vpc_id
  preset      = "database"
}

module "database" {
  source             = "../../components/terraform/rds"
  tenant             = local.context.tenant
  environment        = local.context.environment
  stage              = local.context.stage
  region             = local.context.region
  tags               = local.context.tags
  name               = "shop"
  database_name      = "shop"
  subnet_ids         = module.network.isolated_subnet_ids
  security_group_ids = [module.rules.security_group_id]
  key_arn            = module.key.key_arn
}

# A second one, which is told from the first, and a cluster of two.
module "archive" {
  source             = "../../components/terraform/rds"
  tenant             = local.context.tenant
  environment        = local.context.environment
  stage              = local.context.stage
  region             = local.context.region
  tags               = local.context.tags
  name               = "archive"
  engine             = "mysql"
  engine_version     = "8.0"
  database_name      = "archive"
  subnet_ids         = module.network.isolated_subnet_ids
  security_group_ids = [module.rules.security_group_id]
  key_arn            = module.key.key_arn
}

module "orders" {
  source             = "../../components/terraform/rds"
  tenant             = local.context.tenant
  environment        = local.context.environment
  stage              = local.context.stage
  region             = local.context.region
  tags               = local.context.tags
  name               = "orders"
  engine             = "aurora-postgresql"
  instances          = 2
  database_name      = "orders"
  subnet_ids         = module.network.isolated_subnet_ids
  security_group_ids = [module.rules.security_group_id]
  key_arn            = module.key.key_arn
}
