# State of production. A tfstate-replication copies it to a second region.
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
}
