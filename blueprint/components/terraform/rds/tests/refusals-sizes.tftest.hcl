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

run "too_little_storage" {
  command         = plan
  expect_failures = [var.allocated_storage]

  variables {
    allocated_storage = 5
  }
}

run "storage_that_cannot_grow" {
  command         = plan
  expect_failures = [var.max_allocated_storage]

  variables {
    max_allocated_storage = 0
  }
}

run "no_instances" {
  command         = plan
  expect_failures = [var.instances]

  variables {
    instances = 0
  }
}

run "mysql_on_a_class_that_is_not_measured" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    engine         = "mysql"
    engine_version = "8.4"
    instance_class = "db.t4g.micro"
  }
}

run "storage_that_cannot_grow_by_a_tenth" {
  command         = plan
  expect_failures = [aws_db_instance.this]

  variables {
    allocated_storage     = 200
    max_allocated_storage = 210
  }
}

run "aurora_mysql_on_a_class_that_is_not_measured" {
  command         = plan
  expect_failures = [aws_rds_cluster.this]

  variables {
    engine         = "aurora-mysql"
    engine_version = "8.0"
    instance_class = "db.t3.medium"
  }
}
