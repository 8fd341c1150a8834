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

run "dev_is_small_and_closed" {
  command = plan

  assert {
    condition     = aws_db_instance.this[0].instance_class == "db.t4g.small" && !aws_db_instance.this[0].multi_az
    error_message = "dev must be cheap"
  }

  assert {
    condition     = aws_db_instance.this[0].storage_encrypted && aws_db_instance.this[0].kms_key_id == var.key_arn
    error_message = "storage must be encrypted with the platform's key"
  }

  assert {
    condition     = !aws_db_instance.this[0].publicly_accessible
    error_message = "a database is never public"
  }

  assert {
    condition     = aws_db_instance.this[0].manage_master_user_password && aws_db_instance.this[0].master_user_secret_kms_key_id == var.key_arn
    error_message = "the password must be managed by Secrets Manager"
  }

  assert {
    condition     = aws_db_instance.this[0].iam_database_authentication_enabled && aws_db_instance.this[0].performance_insights_enabled && aws_db_instance.this[0].monitoring_interval == 60
    error_message = "IAM authentication, insights and monitoring must be on"
  }

  assert {
    condition     = contains([for p in aws_db_parameter_group.this[0].parameter : "${p.name}=${p.value}"], "rds.force_ssl=1")
    error_message = "TLS must be forced"
  }

  assert {
    condition     = aws_db_instance.this[0].tags == var.tags
    error_message = "the database must carry the tags"
  }
}

run "staging_is_like_prod_but_smaller" {
  command = plan

  variables {
    stage = "staging"
  }

  assert {
    condition     = aws_db_instance.this[0].multi_az && aws_db_instance.this[0].instance_class == "db.t4g.small"
    error_message = "staging must have a standby"
  }
}

run "prod_is_highly_available_and_cannot_be_lost" {
  command = plan

  variables {
    stage = "prod"
  }

  assert {
    condition     = aws_db_instance.this[0].multi_az && aws_db_instance.this[0].instance_class == "db.r6g.large"
    error_message = "prod must have a standby and a class that holds load"
  }

  assert {
    condition     = aws_db_instance.this[0].deletion_protection && !aws_db_instance.this[0].skip_final_snapshot && aws_db_instance.this[0].backup_retention_period >= 14
    error_message = "prod must keep its data"
  }
}

run "tls_is_forced_whatever_is_asked" {
  command = plan

  variables {
    parameters = { "rds.force_ssl" = "0" }
  }

  assert {
    condition     = [for p in aws_db_parameter_group.this[0].parameter : p.value if p.name == "rds.force_ssl"] == ["1"]
    error_message = "no parameter may switch TLS off"
  }
}

run "mysql_and_mariadb_force_tls_too" {
  command = plan

  variables {
    engine         = "mariadb"
    engine_version = "11.4"
  }

  assert {
    condition     = contains([for p in aws_db_parameter_group.this[0].parameter : "${p.name}=${p.value}"], "require_secure_transport=1") && aws_db_parameter_group.this[0].family == "mariadb11.4"
    error_message = "TLS must be forced"
  }
}

run "aws_chooses_the_minor_version_that_it_updates" {
  command = plan

  assert {
    condition     = aws_db_instance.this[0].engine_version == "16" && aws_db_instance.this[0].auto_minor_version_upgrade
    error_message = "a plan that names a minor version is refused once AWS has updated it"
  }
}

run "mysql_is_large_enough_to_be_measured" {
  command = plan

  variables {
    engine         = "mysql"
    engine_version = "8.4"
  }

  assert {
    condition     = aws_db_instance.this[0].instance_class == "db.t4g.medium" && aws_db_instance.this[0].performance_insights_enabled
    error_message = "AWS has no insights for MySQL on smaller classes"
  }
}

run "advanced_insights_keep_fifteen_months" {
  command = plan

  variables {
    database_insights_mode = "advanced"
  }

  assert {
    condition     = aws_db_instance.this[0].performance_insights_retention_period == 465
    error_message = "AWS wants 465 days for advanced insights"
  }
}
