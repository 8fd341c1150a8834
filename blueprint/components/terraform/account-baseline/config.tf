locals {
  # What the whole account is asked once, in its main region.
  asked_once   = ["ROOT_ACCOUNT_MFA_ENABLED", "IAM_ROOT_ACCESS_KEY_CHECK", "IAM_USER_MFA_ENABLED", "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS"]
  config_rules = { for name, rule in var.config_rules : name => rule if var.main_region || !contains(local.asked_once, rule.identifier) }
}

# How every resource looked at any time, and what it breaks.
resource "aws_config_configuration_recorder" "this" {
  name     = local.id
  role_arn = aws_iam_role.config.arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = var.main_region
  }
}

resource "aws_config_delivery_channel" "this" {
  name           = local.id
  s3_bucket_name = aws_s3_bucket.audit.id
  s3_key_prefix  = "config"
  s3_kms_key_arn = var.key_arn

  snapshot_delivery_properties {
    delivery_frequency = "TwentyFour_Hours"
  }

  depends_on = [aws_config_configuration_recorder.this, aws_s3_bucket_policy.audit]
}

resource "aws_config_configuration_recorder_status" "this" {
  name       = aws_config_configuration_recorder.this.name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this]
}

resource "aws_config_config_rule" "this" {
  for_each = local.config_rules

  name        = "${local.id}-${each.key}"
  description = each.value.description
  tags        = var.tags

  source {
    owner             = "AWS"
    source_identifier = each.value.identifier
  }

  input_parameters = length(each.value.parameters) == 0 ? null : jsonencode(each.value.parameters)

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_iam_role" "config" {
  name                 = "${local.id}-config"
  description          = "AWS Config looks at every resource"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "config.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

# What Config must be able to look at grows with AWS's services; AWS keeps the list.
resource "aws_iam_role_policy_attachment" "config" {
  role       = aws_iam_role.config.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWS_ConfigRole"
}

resource "aws_iam_role_policy" "config" {
  name = "delivery"
  role = aws_iam_role.config.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${local.audit_arn}/config/AWSLogs/${local.account}/*"
      },
      {
        Effect   = "Allow"
        Action   = "s3:GetBucketAcl"
        Resource = local.audit_arn
      },
      {
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = var.key_arn
      },
    ]
  })
}
