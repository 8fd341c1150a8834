resource "aws_rds_cluster_parameter_group" "this" {
  count = local.aurora ? 1 : 0

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

resource "aws_rds_cluster" "this" {
  count = local.aurora ? 1 : 0

  cluster_identifier = local.id
  engine             = var.engine
  engine_version     = var.engine_version

  database_name                 = var.database_name
  master_username               = var.master_username
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.key_arn

  iam_database_authentication_enabled = true

  storage_encrypted = true
  kms_key_id        = var.key_arn

  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = var.security_group_ids
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this[0].name

  backup_retention_period      = local.backup_retention_days
  preferred_backup_window      = var.backup_window
  preferred_maintenance_window = var.maintenance_window
  copy_tags_to_snapshot        = true
  deletion_protection          = local.deletion_protection
  skip_final_snapshot          = !local.prod
  final_snapshot_identifier    = local.prod ? "${local.id}-final" : null
  apply_immediately            = !local.prod

  database_insights_mode                = local.insights_mode
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = local.insights_days
  enabled_cloudwatch_logs_exports       = local.log_exports

  tags = var.tags

  lifecycle {
    precondition {
      condition     = !local.prod || local.instances >= 2
      error_message = "instances must be 2 or more in prod: without a reader in another zone the loss of one zone is the loss of the database."
    }

    precondition {
      condition     = !local.prod || can(regex("^db\\.(r[6-9]|x2)[a-z]*\\.", local.instance_class))
      error_message = "instance_class must be db.r6g.large or newer in prod (r6, x2 and later): burstable classes run out of credits under load."
    }

    precondition {
      condition     = var.engine != "aurora-mysql" || !can(regex("^db[.](t[23][.]|.*[.](micro|small)$)", local.instance_class))
      error_message = "instance_class must be db.t4g.medium or larger for Aurora MySQL: AWS measures no queries (Performance Insights) on t2, t3 and smaller ones."
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

resource "aws_rds_cluster_instance" "this" {
  count = local.aurora ? local.instances : 0

  identifier         = "${local.id}-${count.index}"
  cluster_identifier = aws_rds_cluster.this[0].id
  engine             = var.engine
  engine_version     = var.engine_version
  instance_class     = local.instance_class

  db_subnet_group_name = aws_db_subnet_group.this.name
  publicly_accessible  = false
  ca_cert_identifier   = "rds-ca-rsa2048-g1"

  auto_minor_version_upgrade            = true
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = local.insights_days
  monitoring_interval                   = var.monitoring_interval
  monitoring_role_arn                   = aws_iam_role.monitoring.arn

  tags = var.tags

  depends_on = [aws_iam_role_policy_attachment.monitoring]
}
