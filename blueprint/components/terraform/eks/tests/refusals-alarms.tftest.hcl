mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
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
  kubernetes_version = "1.34"
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718", "subnet-2a1b2c3d4e5f60718"]
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  node_groups        = { general = { instance_types = ["m7i.large"], min_size = 3, max_size = 6 } }
  access_entries     = {}
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

run "alarms_that_nobody_hears_in_prod" {
  command         = plan
  expect_failures = [var.alarm_topic_arns]

  variables {
    stage            = "prod"
    alarm_topic_arns = []
  }
}

run "an_alarm_to_no_topic" {
  command         = plan
  expect_failures = [var.alarm_topic_arns]

  variables {
    alarm_topic_arns = ["alarms"]
  }
}
