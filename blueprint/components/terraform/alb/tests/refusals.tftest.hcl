mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

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
  vpc_id             = "vpc-0a1b2c3d4e5f60718"
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"]
  security_group_ids = ["sg-0a1b2c3d4e5f60718"]
  certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  target_groups      = { web = { port = 8443 } }
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

run "one_zone" {
  command         = plan
  expect_failures = [var.subnet_ids]

  variables {
    subnet_ids = ["subnet-0a1b2c3d4e5f60718"]
  }
}

run "the_same_subnet_twice" {
  command         = plan
  expect_failures = [var.subnet_ids]

  variables {
    subnet_ids = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60718"]
  }
}

run "a_vpc_that_is_a_name" {
  command         = plan
  expect_failures = [var.vpc_id]

  variables {
    vpc_id = "network"
  }
}

run "no_security_group" {
  command         = plan
  expect_failures = [var.security_group_ids]

  variables {
    security_group_ids = []
  }
}

run "no_certificate" {
  command         = plan
  expect_failures = [var.certificate_arn]

  variables {
    certificate_arn = ""
  }
}

run "old_tls" {
  command         = plan
  expect_failures = [var.tls_policy]

  variables {
    tls_policy = "ELBSecurityPolicy-2016-08"
  }
}

run "extended_ciphers" {
  command         = plan
  expect_failures = [var.tls_policy]

  variables {
    tls_policy = "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"
  }
}

run "production_without_protection" {
  command         = plan
  expect_failures = [aws_lb.this]

  variables {
    deletion_protection = false
  }
}
