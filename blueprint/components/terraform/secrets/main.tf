data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  role_prefix    = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/"
  administrators = [for principal in var.administrators : startswith(principal, "arn:") ? principal : "${local.role_prefix}${principal}"]
  readers = {
    for key, secret in var.secrets : key => [for principal in secret.readers : startswith(principal, "arn:") ? principal : "${local.role_prefix}${principal}"]
  }
}

resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  name                    = "${local.id}/${each.key}"
  description             = each.value.description
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.recovery_window_in_days
  # The reason stands where policies and people see it, in the letters that AWS takes in a tag.
  tags = merge(var.tags, each.value.rotation_exempt == null ? {} : {
    rotation-exempt = substr(replace(each.value.rotation_exempt, "/[^\\pL\\pN .:/=+@_-]/", ""), 0, 256)
  })

  lifecycle {
    precondition {
      condition     = var.stage != "prod" || each.value.rotation != null || each.value.rotation_exempt != null
      error_message = "a secret in prod must rotate, or rotation_exempt must say why it cannot: a secret that never changes has leaked to everybody who ever left."
    }
  }
}

# A resource policy can only narrow: identities still need rights of their own. Whoever is not named is refused, an
# administrator of the account too. In the policy of a secret "*" is the secret: its ARN ends in letters that AWS makes up.
resource "aws_secretsmanager_secret_policy" "this" {
  for_each = var.secrets

  secret_arn          = aws_secretsmanager_secret.this[each.key].arn
  block_public_policy = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:*"
        Resource  = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "ReadersOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = concat(local.readers[each.key], each.value.rotation == null ? [] : [each.value.rotation.role_arn]) } }
      },
      {
        Sid    = "AdministratorsOnly"
        Effect = "Deny"
        Action = [
          "secretsmanager:DeleteSecret",
          "secretsmanager:PutResourcePolicy",
          "secretsmanager:DeleteResourcePolicy",
          "secretsmanager:RestoreSecret",
        ]
        Principal = "*"
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.administrators } }
      },
    ]
  })
}

resource "aws_secretsmanager_secret_rotation" "this" {
  for_each = { for key, secret in var.secrets : key => secret.rotation if secret.rotation != null }

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = each.value.lambda_arn
  # There is no value yet that could be rotated.
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = each.value.days
  }
}
