# What services stand on: a network, a cluster, a load balancer with a certificate, a place for images.
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
    tags        = { cost-center = "cc-0001", owner = "team-platform", tenant = "acme", stage = "dev", service = "platform" }
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
  aws_services            = ["logs", "delivery.logs"]
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
  availability_zones   = ["us-east-1a", "us-east-1b", "us-east-1c"]
  nat_gateway_strategy = "single"
  ipv6_enabled         = true
  interface_endpoints  = ["ecr.api"]
  key_arn              = module.key.key_arn
}

module "web" {
  source      = "../../components/terraform/security-group"
  tenant      = local.context.tenant
  environment = local.context.environment
  stage       = local.context.stage
  region      = local.context.region
  tags        = local.context.tags
  name        = "web"
  vpc_id      = module.network.vpc_id
  preset      = "web-public"
  egress      = { workloads = { from_port = 8443, cidr_ipv4 = module.network.cidr_block } }
}

module "database" {
  source                    = "../../components/terraform/security-group"
  tenant                    = local.context.tenant
  environment               = local.context.environment
  stage                     = local.context.stage
  region                    = local.context.region
  tags                      = local.context.tags
  name                      = "database"
  vpc_id                    = module.network.vpc_id
  preset                    = "cache"
  source_security_group_ids = { web = module.web.security_group_id }
}

resource "aws_route53_zone" "this" {
  name = "example.com"
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

module "certificate" {
  source                    = "../../components/terraform/acm"
  tenant                    = local.context.tenant
  environment               = local.context.environment
  stage                     = local.context.stage
  region                    = local.context.region
  tags                      = local.context.tags
  name                      = "shop"
  domain_name               = "shop.example.com"
  subject_alternative_names = ["*.shop.example.com"]
  zone_id                   = aws_route53_zone.this.zone_id
  alarm_topic_arns          = [aws_sns_topic.alarms.arn]
}

module "load_balancer" {
  source              = "../../components/terraform/alb"
  tenant              = local.context.tenant
  environment         = local.context.environment
  stage               = local.context.stage
  region              = local.context.region
  tags                = local.context.tags
  name                = "shop"
  internal            = false
  deletion_protection = false
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  security_group_ids  = [module.web.security_group_id]
  certificate_arn     = module.certificate.certificate_arn
  key_arn             = module.key.key_arn
  target_groups       = { web = { port = 8443 }, api = { port = 9443 } }

  target_security_group_ids = { web = module.cluster.cluster_security_group_id }
  default_target_group      = "web"
  rules                     = { api = { priority = 10, target_group = "api", paths = ["/api/*"] } }
}

module "images" {
  source          = "../../components/terraform/ecr-repository"
  tenant          = local.context.tenant
  environment     = local.context.environment
  stage           = local.context.stage
  region          = local.context.region
  tags            = local.context.tags
  name            = "shop"
  force_delete    = true
  key_arn         = module.key.key_arn
  push_principals = ["arn:aws:iam::123456789012:role/shop-pipeline"]
}

module "cluster" {
  source             = "../../components/terraform/eks"
  tenant             = local.context.tenant
  environment        = local.context.environment
  stage              = local.context.stage
  region             = local.context.region
  tags               = local.context.tags
  name               = "apps"
  kubernetes_version = "1.34"
  subnet_ids         = module.network.private_subnet_ids
  key_arn            = module.key.key_arn
  node_groups        = { general = { instance_types = ["m7i.large"], min_size = 3, max_size = 6 } }

  access_entries = {
    admins = {
      principal_arn = "arn:aws:iam::123456789012:role/platform-admin"
      policies      = { AmazonEKSClusterAdminPolicy = [] }
    }
    shop = {
      principal_arn = "arn:aws:iam::123456789012:role/shop-developer"
      policies      = { AmazonEKSEditPolicy = ["shop"] }
    }
  }
}

module "addons" {
  source         = "../../components/terraform/eks-addons"
  tenant         = local.context.tenant
  environment    = local.context.environment
  stage          = local.context.stage
  region         = local.context.region
  tags           = local.context.tags
  name           = "apps"
  cluster_name   = module.cluster.cluster_name
  volume_key_arn = module.key.key_arn
}
