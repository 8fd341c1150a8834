# What services are built from, with what they need of each other: a bucket, a topic that fills a queue, a table, secrets,
# an identity with grants, the stack's own identities, and where state is kept.
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
      owner       = "team-photos"
      tenant      = "acme"
      stage       = "dev"
      service     = "photos"
    }
  }
}

module "key" {
  source = "../../components/terraform/kms"

  tenant                  = local.context.tenant
  environment             = local.context.environment
  stage                   = local.context.stage
  region                  = local.context.region
  tags                    = local.context.tags
  name                    = "photos"
  administrators          = ["platform-admin"]
  user_roles              = ["acme-use1-dev-photos"]
  via_services            = ["dynamodb", "s3", "secretsmanager", "sqs"]
  aws_services            = ["logs", "sns"]
  deletion_window_in_days = 7
}

module "bucket" {
  source = "../../components/terraform/s3-bucket"

  tenant                  = local.context.tenant
  environment             = local.context.environment
  stage                   = local.context.stage
  region                  = local.context.region
  tags                    = local.context.tags
  name                    = "photos"
  key_arn                 = module.key.key_arn
  noncurrent_version_days = 90
  log_exempt              = "A test looks at it."
  force_destroy           = true
}

module "topic" {
  source = "../../components/terraform/sns-topic"

  tenant              = local.context.tenant
  environment         = local.context.environment
  stage               = local.context.stage
  region              = local.context.region
  tags                = local.context.tags
  name                = "uploads"
  key_arn             = module.key.key_arn
  publishing_services = ["cloudwatch"]

  subscriptions = {
    jobs = { protocol = "sqs", endpoint = module.queue.queue_arn, raw_message_delivery = true }
  }
}

module "queue" {
  source = "../../components/terraform/sqs-queue"

  tenant            = local.context.tenant
  environment       = local.context.environment
  stage             = local.context.stage
  region            = local.context.region
  tags              = local.context.tags
  name              = "jobs"
  key_arn           = module.key.key_arn
  source_topic_arns = ["arn:aws:sns:us-east-1:123456789012:acme-use1-dev-uploads"]
}

module "table" {
  source = "../../components/terraform/dynamodb-table"

  tenant                   = local.context.tenant
  environment              = local.context.environment
  stage                    = local.context.stage
  region                   = local.context.region
  tags                     = local.context.tags
  name                     = "photos"
  key_arn                  = module.key.key_arn
  hash_key                 = "album"
  attributes               = { album = "S", owner = "S" }
  global_secondary_indexes = { by-owner = { hash_key = "owner" } }
  ttl_attribute            = "expires_at"
}

module "secrets" {
  source = "../../components/terraform/secrets"

  tenant         = local.context.tenant
  environment    = local.context.environment
  stage          = local.context.stage
  region         = local.context.region
  tags           = local.context.tags
  name           = "photos"
  key_arn        = module.key.key_arn
  administrators = ["platform-admin"]
  secrets        = { licence = { description = "Licence of the image library", readers = ["acme-use1-dev-photos"] } }
}

module "identity" {
  source = "../../components/terraform/service-identity"

  tenant       = local.context.tenant
  environment  = local.context.environment
  stage        = local.context.stage
  region       = local.context.region
  tags         = local.context.tags
  name         = "photos"
  key_arn      = module.key.key_arn
  key_services = ["dynamodb", "sqs"]

  pod_identity = {
    cluster_arn     = "arn:aws:eks:us-east-1:123456789012:cluster/acme-use1-dev"
    namespace       = "photos"
    service_account = "photos"
  }

  grants = {
    read-jobs = {
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
      resources = [module.queue.queue_arn]
    }
  }
}

module "iam" {
  source = "../../components/terraform/iam"

  tenant               = local.context.tenant
  environment          = local.context.environment
  stage                = local.context.stage
  region               = local.context.region
  tags                 = local.context.tags
  name                 = "iam"
  regions              = ["us-east-1"]
  read_only_principals = ["arn:aws:iam::210987654321:role/auditor"]
  github               = { repository = "acme/platform" }

  break_glass = {
    principals = ["arn:aws:iam::210987654321:user/ann"]
    topic_arn  = module.topic.topic_arn
  }

  cross_account_roles = {
    partner = {
      description        = "The partner who looks after the databases"
      trusted_principals = ["arn:aws:iam::210987654321:user/partner"]
      external_id        = "7f0c2e1d9b8a4c55"
    }
  }
}

module "state" {
  source = "../../components/terraform/tfstate-backend"

  tenant         = local.context.tenant
  environment    = local.context.environment
  stage          = local.context.stage
  region         = local.context.region
  tags           = local.context.tags
  name           = "state"
  administrators = ["platform-admin"]
  state_roles    = ["gaia-deployer"]
}

module "deployer" {
  source = "../../components/terraform/deployer-role"

  tenant                   = local.context.tenant
  environment              = local.context.environment
  stage                    = local.context.stage
  region                   = local.context.region
  tags                     = local.context.tags
  name                     = "deployer"
  components               = ["dynamodb-table", "kms", "s3-bucket", "secrets", "service-identity", "sns-topic", "sqs-queue"]
  regions                  = ["us-east-1"]
  boundary_arns            = [module.iam.permissions_boundary_arn]
  permissions_boundary_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
  github                   = { repository = "acme/platform" }

  state = {
    bucket_arn = module.state.bucket_arn
    key_arn    = module.state.key_arn
    region     = "us-east-1"
  }
}
