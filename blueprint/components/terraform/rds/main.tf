locals {
  aurora = startswith(var.engine, "aurora-")
  family = {
    postgres          = "postgres"
    mysql             = "mysql"
    mariadb           = "mariadb"
    aurora-postgresql = "aurora-postgresql"
    aurora-mysql      = "aurora-mysql"
  }[var.engine]
  major = contains(["postgres", "aurora-postgresql"], var.engine) ? split(".", var.engine_version)[0] : join(".", slice(split(".", "${var.engine_version}.0"), 0, 2))

  # What makes a stage is one table here, not copies of manifests.
  prod                  = var.stage == "prod"
  instance_class        = coalesce(var.instance_class, local.prod ? "db.r6g.large" : var.engine == "postgres" ? "db.t4g.small" : "db.t4g.medium")
  multi_az              = coalesce(var.multi_az, var.stage != "dev")
  instances             = coalesce(var.instances, local.multi_az ? 2 : 1)
  backup_retention_days = coalesce(var.backup_retention_days, local.prod ? 14 : 7)
  deletion_protection   = coalesce(var.deletion_protection, local.prod)
  insights_mode         = coalesce(var.database_insights_mode, "standard")
  insights_days         = local.insights_mode == "advanced" ? 465 : 7

  force_tls = contains(["postgres", "aurora-postgresql"], var.engine) ? { "rds.force_ssl" = "1" } : {
    require_secure_transport = var.engine == "mariadb" ? "1" : "ON"
  }
  parameters = merge(var.parameters, local.force_tls)

  log_exports = {
    postgres          = ["postgresql", "upgrade"]
    mysql             = ["audit", "error", "slowquery"]
    mariadb           = ["audit", "error", "slowquery"]
    aurora-postgresql = ["postgresql"]
    aurora-mysql      = ["audit", "error", "slowquery"]
  }[var.engine]
}

resource "aws_db_subnet_group" "this" {
  name        = local.id
  description = "Subnets of ${local.id}"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}
