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

run "it_is_proven_through_dns_and_logged" {
  command = plan

  variables {
    subject_alternative_names = ["*.shop.example.com"]
  }

  assert {
    condition     = aws_acm_certificate.issued[0].validation_method == "DNS" && aws_acm_certificate.issued[0].key_algorithm == "EC_prime256v1" && aws_acm_certificate.issued[0].options[0].certificate_transparency_logging_preference == "ENABLED"
    error_message = "the certificate must be proven through DNS, with an elliptic key, and be in the public logs"
  }

  assert {
    condition     = jsonencode([for name, record in aws_route53_record.proof : [name, record.name, record.type, record.records]]) == jsonencode([["shop.example.com", "_a.shop.example.com.", "CNAME", ["_b.acm-validations.aws."]]])
    error_message = "a name and its wildcard must share one record"
  }

  assert {
    condition     = length(aws_acm_certificate_validation.this) == 1 && length(aws_acm_certificate.imported) == 0
    error_message = "nobody may get the certificate before it is valid"
  }

  assert {
    condition     = aws_acm_certificate.issued[0].tags == tomap(merge(var.tags, { Name = "acme-use1-prod-shop" }))
    error_message = "the certificate must carry the tags"
  }
}

run "the_alarm_goes_off_before_it_expires_and_after" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.expiry.threshold == 45 && aws_cloudwatch_metric_alarm.expiry.comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.expiry.metric_name == "DaysToExpiry"
    error_message = "the alarm must go off 45 days before"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.expiry.treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.expiry.alarm_actions == toset(var.alarm_topic_arns)
    error_message = "an expired certificate reports nothing, which must be an alarm too, and somebody must hear it"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.expiry.dimensions.CertificateArn == aws_acm_certificate.issued[0].arn
    error_message = "the alarm must watch this certificate"
  }
}

run "an_imported_one_is_watched_too" {
  command = plan

  variables {
    source_of_certificate = "imported"
    domain_name           = null
    zone_id               = null
    certificate_body      = "-----BEGIN CERTIFICATE-----"
    private_key           = "-----BEGIN PRIVATE KEY-----"
  }

  assert {
    condition     = length(aws_acm_certificate.issued) == 0 && length(aws_route53_record.proof) == 0 && length(aws_acm_certificate.imported) == 1
    error_message = "nothing may be issued or written to DNS"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.expiry.dimensions.CertificateArn == aws_acm_certificate.imported[0].arn && strcontains(aws_cloudwatch_metric_alarm.expiry.alarm_description, "import a new one")
    error_message = "the alarm must watch the imported certificate and say what to do"
  }
}
