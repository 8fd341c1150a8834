# States of production, copied to the second region. The role has the name that both regions' tfstate-backend let in.
module "copy" {
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

  bucket_name = "acme-use1-prod-state-123456789012"
  key_arn     = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"

  destination = {
    bucket_arn = "arn:aws:s3:::acme-usw2-prod-state-123456789012"
    key_arn    = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"
    region     = "us-west-2"
  }
}
