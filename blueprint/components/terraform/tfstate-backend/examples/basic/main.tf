# State of production, copied to the second region.
module "state" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "state"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-state"
    tenant      = "acme"
    stage       = "prod"
    service     = "state"
  }

  administrators = ["platform-admin"]
  state_roles    = ["gaia-deployer"]

  replication = {
    bucket_arn = "arn:aws:s3:::acme-usw2-prod-state-123456789012"
    key_arn    = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"
    region     = "us-west-2"
  }
}
