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

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/rds"
  }
}

run "an_engine_that_aws_has_not" {
  command         = plan
  expect_failures = [var.engine]

  variables {
    engine = "oracle"
  }
}

run "a_version_that_is_none" {
  command         = plan
  expect_failures = [var.engine_version]

  variables {
    engine_version = "latest"
  }
}

run "a_class_that_is_none" {
  command         = plan
  expect_failures = [var.instance_class]

  variables {
    instance_class = "large"
  }
}

run "a_master_that_everybody_guesses" {
  command         = plan
  expect_failures = [var.master_username]

  variables {
    master_username = "admin"
  }
}

run "a_database_name_that_sql_must_quote" {
  command         = plan
  expect_failures = [var.database_name]

  variables {
    database_name = "Photos-1"
  }
}

run "nobody_sees_why_it_is_slow" {
  command         = plan
  expect_failures = [var.monitoring_interval]

  variables {
    monitoring_interval = 0
  }
}

run "insights_of_an_unknown_kind" {
  command         = plan
  expect_failures = [var.database_insights_mode]

  variables {
    database_insights_mode = "off"
  }
}
