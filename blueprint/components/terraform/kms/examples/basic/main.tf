# A key that one role may use through S3, and two roles manage.
module "key" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "photos"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "prod"
    service     = "photos"
  }

  administrators = ["gaia-deployer", "platform-admin"]
  user_roles     = ["acme-use1-prod-photos"]
}
