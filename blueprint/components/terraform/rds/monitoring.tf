data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

resource "aws_iam_role" "monitoring" {
  name                 = "${local.id}-rds-monitoring"
  description          = "Enhanced monitoring of ${local.id}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })

  lifecycle {
    precondition {
      condition     = length("${local.id}-rds-monitoring") <= 64
      error_message = "tenant-environment-stage-name must have at most 49 characters: IAM takes 64 for a role, here with -rds-monitoring behind."
    }
  }
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
