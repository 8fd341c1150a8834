# A queue that one topic of the account fills.
module "queue" {
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

  key_arn           = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  source_topic_arns = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-uploads"]
}
