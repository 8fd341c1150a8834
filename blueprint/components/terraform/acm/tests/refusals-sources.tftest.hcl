mock_provider "aws" {}

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

run "nothing_to_prove_it_in" {
  command         = plan
  expect_failures = [aws_acm_certificate.issued[0]]

  variables {
    zone_id = null
  }
}

run "an_import_without_its_key" {
  command         = plan
  expect_failures = [aws_acm_certificate.imported[0]]

  variables {
    source_of_certificate = "imported"
    certificate_body      = "-----BEGIN CERTIFICATE-----"
  }
}
