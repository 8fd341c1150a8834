# Who did what, in every region, in files that show if somebody changed them.
resource "aws_cloudtrail" "this" {
  count = local.trails

  name                          = local.id
  s3_bucket_name                = aws_s3_bucket.audit.id
  s3_key_prefix                 = "trail"
  kms_key_id                    = var.key_arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.trail[0].arn}:*"
  cloud_watch_logs_role_arn     = aws_iam_role.trail[0].arn
  tags                          = var.tags

  depends_on = [aws_s3_bucket_policy.audit, aws_iam_role_policy.trail]
}

resource "aws_cloudwatch_log_group" "trail" {
  count = local.trails

  name              = local.trail_logs
  kms_key_id        = var.key_arn
  retention_in_days = 365
  tags              = var.tags
}

resource "aws_iam_role" "trail" {
  count = local.trails

  name                 = "${local.id}-trail"
  description          = "CloudTrail writes to its log group"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      # No condition: AWS documents none that this service sends, and a role can be handed to it only within the account.
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "trail" {
  count = local.trails

  name = "logs"
  role = aws_iam_role.trail[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${local.trail_logs_arn}:log-stream:${local.account}_CloudTrail_*"
    }]
  })
}
