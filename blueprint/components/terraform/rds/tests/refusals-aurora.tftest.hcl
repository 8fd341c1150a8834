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
  stage       = "prod"
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
  engine             = "aurora-postgresql"
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

run "an_aurora_in_prod_without_a_reader" {
  command         = plan
  expect_failures = [aws_rds_cluster.this]

  variables {
    instances = 1
  }
}

run "an_aurora_in_prod_on_a_burstable_class" {
  command         = plan
  expect_failures = [aws_rds_cluster.this]

  variables {
    instance_class = "db.t4g.medium"
  }
}

run "an_aurora_in_prod_that_can_be_deleted" {
  command         = plan
  expect_failures = [aws_rds_cluster.this]

  variables {
    deletion_protection = false
  }
}

run "an_aurora_in_prod_with_a_week_of_backups" {
  command         = plan
  expect_failures = [aws_rds_cluster.this]

  variables {
    backup_retention_days = 7
  }
}

run "a_version_that_nobody_repairs" {
  command         = plan
  expect_failures = [var.engine_version]

  variables {
    engine_version = "11"
  }
}

run "a_window_that_is_none" {
  command         = plan
  expect_failures = [var.maintenance_window]

  variables {
    maintenance_window = "sunday"
  }
}

run "backups_at_no_time" {
  command         = plan
  expect_failures = [var.backup_window]

  variables {
    backup_window = "25:00-26:00"
  }
}
