# Backups of production with a copy in the second region.
module "backup" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "backup"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-backup"
    tenant      = "acme"
    stage       = "prod"
    service     = "backup"
  }

  key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  administrators = ["platform-admin"]

  copies = {
    usw2 = "arn:aws:backup:us-west-2:123456789012:backup-vault:acme-usw2-prod-backup"
  }
}
