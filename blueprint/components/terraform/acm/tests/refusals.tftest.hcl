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

run "a_source_that_nobody_knows" {
  command         = plan
  expect_failures = [var.source_of_certificate]

  variables {
    source_of_certificate = "self-signed"
  }
}

run "a_wildcard_in_the_middle" {
  command         = plan
  expect_failures = [var.domain_name]

  variables {
    domain_name = "shop.*.example.com"
  }
}

run "a_further_name_that_is_none" {
  command         = plan
  expect_failures = [var.subject_alternative_names]

  variables {
    subject_alternative_names = ["shop"]
  }
}

run "a_zone_that_is_a_name" {
  command         = plan
  expect_failures = [var.zone_id]

  variables {
    zone_id = "example.com"
  }
}

run "a_weak_key" {
  command         = plan
  expect_failures = [var.key_algorithm]

  variables {
    key_algorithm = "RSA_1024"
  }
}

run "an_alarm_on_the_last_day" {
  command         = plan
  expect_failures = [var.alarm_days]

  variables {
    alarm_days = 1
  }
}

run "an_alarm_that_nobody_hears" {
  command         = plan
  expect_failures = [var.alarm_topic_arns]

  variables {
    alarm_topic_arns = []
  }
}
