# What a production stack is made of, as one plan: from it the tests take away a zone. The same in development shows
# that they would notice.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "stage" {
  type    = string
  default = "prod"
}

variable "nat_gateway_strategy" {
  type    = string
  default = "one_per_az"
}

variable "availability_zones" {
  type    = list(string)
  default = ["us-east-1a", "us-east-1b", "us-east-1c"]
}

variable "nodes" {
  type    = number
  default = 3
}

locals {
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  tags    = { cost-center = "cc-0001", owner = "team-platform", tenant = "acme", stage = var.stage, service = "platform" }
}

module "network" {
  source               = "../../../../blueprint/components/terraform/vpc"
  tenant               = "acme"
  environment          = "use1"
  stage                = var.stage
  region               = "us-east-1"
  tags                 = local.tags
  name                 = "network"
  cidr_block           = "10.20.0.0/16"
  availability_zones   = var.availability_zones
  nat_gateway_strategy = var.nat_gateway_strategy
  interface_endpoints  = ["ecr.api", "ecr.dkr", "sts"]
  key_arn              = local.key_arn
}

module "web" {
  source      = "../../../../blueprint/components/terraform/security-group"
  tenant      = "acme"
  environment = "use1"
  stage       = var.stage
  region      = "us-east-1"
  tags        = local.tags
  name        = "web"
  vpc_id      = module.network.vpc_id
  preset      = "web-public"
}

module "load_balancer" {
  source             = "../../../../blueprint/components/terraform/alb"
  tenant             = "acme"
  environment        = "use1"
  stage              = var.stage
  region             = "us-east-1"
  tags               = local.tags
  name               = "web"
  internal           = false
  vpc_id             = module.network.vpc_id
  subnet_ids         = module.network.public_subnet_ids
  security_group_ids = [module.web.security_group_id]
  certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  key_arn            = local.key_arn
}

module "cluster" {
  source             = "../../../../blueprint/components/terraform/eks"
  tenant             = "acme"
  environment        = "use1"
  stage              = var.stage
  region             = "us-east-1"
  tags               = local.tags
  name               = "apps"
  kubernetes_version = "1.34"
  subnet_ids         = module.network.private_subnet_ids
  key_arn            = local.key_arn
  node_groups        = { general = { instance_types = ["m7i.large"], min_size = var.nodes, max_size = 12 } }
  access_entries     = {}
}

module "database" {
  source             = "../../../../blueprint/components/terraform/rds"
  tenant             = "acme"
  environment        = "use1"
  stage              = var.stage
  region             = "us-east-1"
  tags               = local.tags
  name               = "database"
  subnet_ids         = module.network.isolated_subnet_ids
  security_group_ids = [module.web.security_group_id]
  key_arn            = local.key_arn
}

module "aurora" {
  source             = "../../../../blueprint/components/terraform/rds"
  tenant             = "acme"
  environment        = "use1"
  stage              = var.stage
  region             = "us-east-1"
  tags               = local.tags
  name               = "aurora"
  engine             = "aurora-mysql"
  engine_version     = "8.0.mysql_aurora.3.08.2"
  subnet_ids         = module.network.isolated_subnet_ids
  security_group_ids = [module.web.security_group_id]
  key_arn            = local.key_arn
}
