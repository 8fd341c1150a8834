data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id

  # Controllers of the GitOps add-ons that reach AWS.
  controllers = {
    for name, one in {
      external-secrets = { on = var.addons.external_secrets.enabled, namespace = "external-secrets", service_account = "external-secrets" }
      loki             = { on = var.addons.loki.enabled, namespace = "monitoring", service_account = "loki" }
    } : name => one if one.on
  }

  # AWS's own policies: they change with what AWS's drivers need.
  aws_policies = {
    vpc-cni            = "AmazonEKS_CNI_Policy"
    aws-ebs-csi-driver = "service-role/AmazonEBSCSIDriverPolicy"
  }

  statements = {
    # The driver hands the key to EBS, which is a grant; it cannot grant the key to anybody else.
    aws-ebs-csi-driver = [
      { Sid = "EncryptVolumes", Effect = "Allow", Action = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"], Resource = [var.volume_key_arn], Condition = { StringEquals = { "kms:ViaService" = "ec2.${var.region}.amazonaws.com" } } },
      { Sid = "GrantToAws", Effect = "Allow", Action = ["kms:CreateGrant"], Resource = [var.volume_key_arn], Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } } },
    ]
    external-secrets = concat(
      [{ Sid = "ReadSecrets", Effect = "Allow", Action = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], Resource = var.addons.external_secrets.secret_arns, Condition = {} }],
      [for keys in [var.addons.external_secrets.key_arns] : { Sid = "DecryptSecrets", Effect = "Allow", Action = ["kms:Decrypt"], Resource = keys, Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } } } if length(keys) > 0],
    )
    loki = [
      { Sid = "ListLogs", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:${local.partition}:s3:::${coalesce(var.addons.loki.bucket, "none")}"], Condition = {} },
      # Objects of one bucket: Loki names them itself.
      { Sid = "KeepLogs", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], Resource = ["arn:${local.partition}:s3:::${coalesce(var.addons.loki.bucket, "none")}/*"], Condition = {} },
      { Sid = "UseKeyThroughS3", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [coalesce(var.addons.loki.key_arn, "none")], Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } } },
    ]
  }
}

resource "aws_iam_role" "this" {
  for_each             = toset(concat(keys(local.aws_policies), keys(local.controllers)))
  name                 = "${local.id}-${each.key}"
  description          = "${each.key} in the cluster of ${local.id}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PodsOfOneCluster"
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = "arn:${local.partition}:eks:${var.region}:${local.account}:cluster/${var.cluster_name}" }
      }
    }]
  })

  lifecycle {
    precondition {
      condition     = length("${local.id}-${each.key}") <= 64
      error_message = "tenant-environment-stage-name must have at most ${63 - length(each.key)} characters: IAM takes 64 for a role, here with -${each.key} behind."
    }
  }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = local.aws_policies
  role       = aws_iam_role.this[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}

resource "aws_iam_role_policy" "this" {
  for_each = toset(concat(["aws-ebs-csi-driver"], keys(local.controllers)))
  name     = "use"
  role     = aws_iam_role.this[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })
}
