data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  role_prefix    = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/"
  administrators = [for principal in var.administrators : startswith(principal, "arn:") ? principal : "${local.role_prefix}${principal}"]
  users          = [for principal in var.user_roles : startswith(principal, "arn:") ? principal : "${local.role_prefix}${principal}"]

  granters = [for principal in var.granting_roles : startswith(principal, "arn:") ? principal : "${local.role_prefix}${principal}"]

  # In a key policy the resource is always the key that holds the policy, and "*" is how AWS wants that written.
  administration = {
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
    Resource = "*"
  }

  # AWS refuses a principal that does not exist, and the role of a service comes after its key. So the principal is
  # open and the conditions close it again: these roles, of this account, through these services.
  use = {
    Sid       = "UseThroughServices"
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    Resource  = "*"
    Condition = {
      ArnEquals = { "aws:PrincipalArn" = local.users }
      StringEquals = {
        "kms:CallerAccount" = data.aws_caller_identity.current.account_id
        "kms:ViaService"    = [for service in var.via_services : "${service}.${var.region}.amazonaws.com"]
      }
    }
  }

  # A cluster, a database and a disk outlive the call that makes them, so AWS keeps a grant for them; it is the caller who
  # gives it. Only to AWS itself: nobody gets to the data by it.
  grant = {
    Sid       = "GrantToAwsServices"
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    Resource  = "*"
    Condition = {
      ArnEquals    = { "aws:PrincipalArn" = local.granters }
      StringEquals = { "kms:CallerAccount" = data.aws_caller_identity.current.account_id }
      Bool         = { "kms:GrantIsForAWSResource" = "true" }
    }
  }

  account = data.aws_caller_identity.current.account_id

  # A service that acts by itself (an alarm that publishes, a topic that fills a queue) has no role. It is held to this
  # account, by what it sends: most send the account, CloudTrail the trail, and CloudWatch Logs and EventBridge nothing but
  # the log group or topic that is encrypted.
  sent_by_service = {
    cloudtrail = { ArnLike = { "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:cloudtrail:*:${local.account}:trail/*" } }
    events     = { ArnLike = { "kms:EncryptionContext:aws:sns:topicArn" = "arn:${data.aws_partition.current.partition}:sns:${var.region}:${local.account}:*" } }
    logs       = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${data.aws_partition.current.partition}:logs:${var.region}:${local.account}:*" } }
  }
  by_services = [for service in var.aws_services : {
    Sid       = "ServiceUse${replace(title(service), ".", "")}"
    Effect    = "Allow"
    Principal = { Service = service == "logs" ? "logs.${var.region}.amazonaws.com" : "${service}.amazonaws.com" }
    Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    Resource  = "*"
    Condition = try(local.sent_by_service[service], { StringEquals = { "aws:SourceAccount" = local.account } })
  }]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.administration],
      [for statement in [local.use] : statement if length(local.users) > 0],
      [for statement in [local.grant] : statement if length(local.granters) > 0],
      local.by_services,
    )
  })
}

resource "aws_kms_key" "this" {
  description             = "Data of ${local.id}"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_in_days
  policy                  = local.policy
  tags                    = var.tags

  lifecycle {
    precondition {
      condition     = var.stage != "prod" || var.deletion_window_in_days == 30
      error_message = "deletion_window_in_days must be 30 in prod: a deleted key takes its data with it."
    }
  }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.id}"
  target_key_id = aws_kms_key.this.key_id
}
