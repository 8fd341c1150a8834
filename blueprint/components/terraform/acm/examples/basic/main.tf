# A certificate for a name and everything below it.
module "certificate" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-shop"
    tenant      = "acme"
    stage       = "prod"
    service     = "shop"
  }

  domain_name               = "shop.example.com"
  subject_alternative_names = ["*.shop.example.com"]
  zone_id                   = "Z0123456789ABCDEFGHIJ"
  alarm_topic_arns          = ["arn:aws:sns:us-east-1:123456789012:platform-alarms"]
}
