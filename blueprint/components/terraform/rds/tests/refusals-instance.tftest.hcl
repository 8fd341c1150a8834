mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::123456789012:role/mock" }
    override_during = plan
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "dev"
  region      = "us-east-1"
  name        = "photos"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "dev"
    service     = "photos"
  }
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  security_group_ids = ["sg-0a"]
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

run "prod_without_a_standby" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    stage    = "prod"
    multi_az = false
  }
}

run "prod_on_a_burstable_class" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    stage          = "prod"
    instance_class = "db.t3.small"
  }
}

run "prod_on_an_old_class" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    stage          = "prod"
    instance_class = "db.r5.large"
  }
}

run "prod_that_can_be_deleted" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    stage               = "prod"
    deletion_protection = false
  }
}

run "prod_with_a_week_of_backups" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    stage                 = "prod"
    backup_retention_days = 7
  }
}

run "no_backups" {
  command         = plan
  expect_failures = [var.backup_retention_days]

  variables {
    backup_retention_days = 0
  }
}

run "one_zone" {
  command         = plan
  expect_failures = [var.subnet_ids]

  variables {
    subnet_ids = ["subnet-0a"]
  }
}

run "the_default_security_group" {
  command         = plan
  expect_failures = [var.security_group_ids]

  variables {
    security_group_ids = []
  }
}
