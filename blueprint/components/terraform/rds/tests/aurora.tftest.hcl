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
  engine             = "aurora-postgresql"
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

run "a_cluster_in_prod_has_a_reader_in_another_zone" {
  command = plan

  variables {
    stage = "prod"
  }

  assert {
    condition     = length(aws_rds_cluster_instance.this) == 2 && alltrue([for one in aws_rds_cluster_instance.this : one.instance_class == "db.r6g.large" && !one.publicly_accessible])
    error_message = "a writer and a reader of a class that holds load"
  }

  assert {
    condition     = aws_rds_cluster.this[0].storage_encrypted && aws_rds_cluster.this[0].kms_key_id == var.key_arn && aws_rds_cluster.this[0].manage_master_user_password
    error_message = "the cluster must be encrypted and its password managed"
  }

  assert {
    condition     = aws_rds_cluster.this[0].deletion_protection && !aws_rds_cluster.this[0].skip_final_snapshot && aws_rds_cluster.this[0].backup_retention_period == 14
    error_message = "the cluster must keep its data"
  }

  assert {
    condition     = contains([for p in aws_rds_cluster_parameter_group.this[0].parameter : "${p.name}=${p.value}"], "rds.force_ssl=1") && aws_rds_cluster_parameter_group.this[0].family == "aurora-postgresql16"
    error_message = "TLS must be forced"
  }

  assert {
    condition     = length(aws_db_instance.this) == 0
    error_message = "a cluster has no instance of the other kind"
  }
}

run "an_aurora_mysql_in_dev_is_one_small_instance" {
  command = plan

  variables {
    engine         = "aurora-mysql"
    engine_version = "8.0.mysql_aurora.3.08.2"
  }

  assert {
    condition     = length(aws_rds_cluster_instance.this) == 1 && aws_rds_cluster_parameter_group.this[0].family == "aurora-mysql8.0"
    error_message = "dev must be cheap"
  }
}
