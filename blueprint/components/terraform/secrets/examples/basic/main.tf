# A password that rotates, and a licence that cannot.
module "secrets" {
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

  key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  administrators = ["gaia-deployer"]

  secrets = {
    database = {
      description = "Password of the application's database user"
      readers     = ["acme-use1-prod-photos"]
      rotation = {
        lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:rotate-postgres"
        role_arn   = "arn:aws:iam::123456789012:role/rotate-postgres"
      }
    }

    licence = {
      description     = "Licence of the image library"
      readers         = ["acme-use1-prod-photos"]
      rotation_exempt = "the vendor issues one licence a contract"
    }
  }
}
