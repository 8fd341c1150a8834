# Alarms go to the topic, and the topic fills a queue.
module "topic" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "alarms"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "prod"
    service     = "photos"
  }

  key_arn             = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  publishing_services = ["cloudwatch"]

  subscriptions = {
    worker = {
      protocol             = "sqs"
      endpoint             = "arn:aws:sqs:us-east-1:123456789012:acme-use1-prod-alarms"
      raw_message_delivery = true
    }
  }
}
