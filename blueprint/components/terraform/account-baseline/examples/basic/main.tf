# The baseline of the production account.
module "baseline" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "baseline"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-baseline"
    tenant      = "acme"
    stage       = "prod"
    service     = "baseline"
  }

  alarm_topic_arns = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-security"]
  log_bucket       = "acme-prod-tfstate-logs"

  key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}
