mock_provider "aws" {
  override_during = plan

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      domain_validation_options = [
        { domain_name = "shop.example.com", resource_record_name = "_a.shop.example.com.", resource_record_type = "CNAME", resource_record_value = "_b.acm-validations.aws." },
        { domain_name = "*.shop.example.com", resource_record_name = "_a.shop.example.com.", resource_record_type = "CNAME", resource_record_value = "_b.acm-validations.aws." },
      ]
    }
  }
}

variables {
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
  domain_name      = "shop.example.com"
  zone_id          = "Z0123456789ABCDEFGHIJ"
  alarm_topic_arns = ["arn:aws:sns:us-east-1:123456789012:platform-alarms"]
}

run "the_longest_name_fits" {
  command = plan

  variables {
    tenant      = "abcdefghijklmnop"
    environment = "use1abcd"
    stage       = "staging"
    name        = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.expiry.alarm_name) <= 255
    error_message = "AWS takes no longer name"
  }
}
