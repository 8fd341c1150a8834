resource "aws_db_parameter_group" "this" {
  count = local.aurora ? 0 : 1

  name        = "${local.id}-${replace("${local.family}${local.major}", ".", "-")}"
  family      = "${local.family}${local.major}"
  description = "TLS is forced for ${local.id}"
  tags        = var.tags

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "pending-reboot"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  count = local.aurora ? 0 : 1

  identifier     = local.id
  engine         = var.engine
  engine_version = var.engine_version
  instance_class = local.instance_class
  multi_az       = local.multi_az

  db_name                       = var.database_name
  username                      = var.master_username
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.key_arn

  iam_database_authentication_enabled = true

  allocated_storage     = var.allocated_storage
  max_allocated_storage = var.max_allocated_storage
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = var.security_group_ids
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.this[0].name
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  backup_retention_period   = local.backup_retention_days
  backup_window             = var.backup_window
  maintenance_window        = var.maintenance_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !local.prod
  deletion_protection       = local.deletion_protection
  skip_final_snapshot       = !local.prod
  final_snapshot_identifier = local.prod ? "${local.id}-final" : null

  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  apply_immediately           = !local.prod

  database_insights_mode                = local.insights_mode
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = local.insights_days
  monitoring_interval                   = var.monitoring_interval
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = local.log_exports

  tags = var.tags

  depends_on = [aws_iam_role_policy_attachment.monitoring]

  lifecycle {
    precondition {
      condition     = !local.prod || local.multi_az
      error_message = "multi_az must be true in prod: without a standby the loss of one zone is the loss of the database."
    }

    precondition {
      condition     = !local.prod || can(regex("^db\\.(r[6-9]|x2)[a-z]*\\.", local.instance_class))
      error_message = "instance_class must be db.r6g.large or newer in prod (r6, x2 and later): burstable classes run out of credits under load, and general ones (m6) have half the memory for the same reads."
    }

    precondition {
      condition     = var.engine == "postgres" || !can(regex("[.](micro|small)$", local.instance_class))
      error_message = "instance_class must be medium or larger for MySQL and MariaDB: AWS measures no queries (Performance Insights) on smaller ones."
    }

    precondition {
      condition     = var.max_allocated_storage >= 1.1 * var.allocated_storage
      error_message = "max_allocated_storage must be a tenth more than allocated_storage: AWS refuses storage that cannot grow by that."
    }

    precondition {
      condition     = !local.prod || local.deletion_protection
      error_message = "deletion_protection must be true in prod: destroying a stack must not destroy the data in it."
    }

    precondition {
      condition     = !local.prod || local.backup_retention_days >= 14
      error_message = "backup_retention_days must be 14 or more in prod: a mistake is often found after a week."
    }
  }
}
