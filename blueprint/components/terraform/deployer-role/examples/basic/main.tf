# Production's network and its databases, deployed from the main branch and by the engine.
module "deployer" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "deployer"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-platform"
    tenant      = "acme"
    stage       = "prod"
    service     = "platform"
  }

  components               = ["kms", "vpc", "security-group", "rds"]
  regions                  = ["us-east-1"]
  boundary_arns            = ["arn:aws:iam::123456789012:policy/acme-use1-prod-access-boundary"]
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/deployment-boundary"
  protected_roles          = ["acme-use1-prod-access-break-glass"]
  github                   = { repository = "acme/platform" }

  engine = {
    role_arn    = "arn:aws:iam::210987654321:role/gaia-engine"
    external_id = "acme-prod-6f2f1f0e9a7b"
  }

  passed_roles = {
    "vpc-flow-logs.amazonaws.com"  = ["acme-use1-prod-network-flow-logs"]
    "monitoring.rds.amazonaws.com" = ["acme-use1-prod-shop-rds-monitoring"]
  }

  state = {
    bucket_arn = "arn:aws:s3:::acme-prod-tfstate"
    key_arn    = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    region     = "us-east-1"
  }
}
