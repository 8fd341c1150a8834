# Production: a partner with MFA, federated engineers, and CI.
module "iam" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "iam"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-iam"
    tenant      = "acme"
    stage       = "prod"
    service     = "iam"
  }

  regions              = ["us-east-1"]
  read_only_principals = ["arn:aws:iam::210987654321:role/auditor"]
  break_glass = {
    principals = ["arn:aws:iam::210987654321:user/ann"]
    topic_arn  = "arn:aws:sns:us-east-1:123456789012:security"
  }

  github = { repository = "acme/platform" }

  cross_account_roles = {
    partner = {
      description        = "The partner who looks after the databases"
      trusted_principals = ["arn:aws:iam::210987654321:user/partner"]
      external_id        = "7f0c2e1d9b8a4c55"
    }

    engineer = {
      description        = "Engineers who sign in through the company"
      trusted_principals = ["arn:aws:iam::210987654321:role/engineer"]
      external_id        = "d1a5b0c4e7f94132"
      mfa                = "session-tag"
      manage_resources   = true
    }
  }
}
