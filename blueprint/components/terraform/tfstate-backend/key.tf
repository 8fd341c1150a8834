# The first thing of an account cannot take its key from another instance, so it has one of its own.
resource "aws_kms_key" "state" {
  description             = "Terraform state of ${local.id}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "Administration"
          Effect    = "Allow"
          Principal = { AWS = local.administrators }
          Action = [
            "kms:CancelKeyDeletion",
            "kms:CreateAlias",
            "kms:DeleteAlias",
            "kms:DescribeKey",
            "kms:DisableKey",
            "kms:EnableKey",
            "kms:EnableKeyRotation",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListResourceTags",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateAlias",
            "kms:UpdateKeyDescription",
          ]
          # In a key policy the resource is always the key that holds the policy.
          Resource = "*"
        },
      ],
      [for statement in [{
        # AWS refuses a principal that does not exist yet: the principal is open and the conditions close it again.
        Sid       = "UseThroughS3"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = {
          ArnEquals    = { "aws:PrincipalArn" = local.users }
          StringEquals = { "kms:CallerAccount" = local.account, "kms:ViaService" = "s3.${var.region}.amazonaws.com" }
        }
      }] : statement if length(local.users) > 0],
    )
  })
}

resource "aws_kms_alias" "state" {
  name          = "alias/${local.id}"
  target_key_id = aws_kms_key.state.key_id
}
