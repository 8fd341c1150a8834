data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  role_prefix        = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/"
  trusted_principals = [for principal in var.trusted_principals : startswith(principal, "arn:") ? principal : "${local.role_prefix}${principal}"]

  trust = concat(
    [for statement in [{
      Sid       = "NamedPrincipals"
      Effect    = "Allow"
      Principal = { AWS = local.trusted_principals }
      Action    = "sts:AssumeRole"
    }] : statement if length(var.trusted_principals) > 0],
    # EKS tags the session with the cluster and the service account, and cannot assume a role without tagging.
    [for pod in var.pod_identity[*] : {
      Sid       = "PodIdentity"
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:RequestTag/eks-cluster-arn"            = pod.cluster_arn
          "aws:RequestTag/kubernetes-namespace"       = pod.namespace
          "aws:RequestTag/kubernetes-service-account" = pod.service_account
          "aws:SourceAccount"                         = data.aws_caller_identity.current.account_id
        }
      }
    }],
    [for pod in var.irsa[*] : {
      Sid       = "ServiceAccountToken"
      Effect    = "Allow"
      Principal = { Federated = pod.oidc_provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${pod.oidc_issuer}:aud" = "sts.amazonaws.com"
          "${pod.oidc_issuer}:sub" = "system:serviceaccount:${pod.namespace}:${pod.service_account}"
        }
      }
    }],
  )

  bucket = [for arn in var.bucket_arn[*] : [
    {
      Sid      = "ListBucket"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
      Resource = arn
    },
    {
      Sid    = "ReadAndWriteObjects"
      Effect = "Allow"
      Action = [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ]
      Resource = "${arn}/*"
    },
  ]]

  key = [for arn in var.key_arn[*] : {
    Sid       = "UseKeyThroughServices"
    Effect    = "Allow"
    Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource  = arn
    Condition = { StringEquals = { "kms:ViaService" = [for service in var.key_services : "${service}.${var.region}.amazonaws.com"] } }
  }]

  grants = [for name in sort(keys(var.grants)) : {
    Sid      = replace(title(replace(name, "-", " ")), " ", "")
    Effect   = "Allow"
    Action   = var.grants[name].actions
    Resource = var.grants[name].resources
  }]
}

resource "aws_iam_role" "this" {
  name                 = local.id
  description          = "Identity of the service ${var.name} in ${var.tenant}-${var.environment}-${var.stage}"
  max_session_duration = var.max_session_duration
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = local.trust })

  lifecycle {
    precondition {
      condition     = length(var.trusted_principals) > 0 || var.pod_identity != null || var.irsa != null
      error_message = "trusted_principals, pod_identity or irsa must say who may take on the identity: nobody could use it."
    }

    precondition {
      condition     = length(concat(var.bucket_arn[*], var.key_arn[*], keys(var.grants))) > 0
      error_message = "bucket_arn, key_arn or grants must say what the identity may do: AWS refuses a policy that says nothing."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name = "data"
  role = aws_iam_role.this.name

  policy = jsonencode({ Version = "2012-10-17", Statement = concat(flatten(local.bucket), local.key, local.grants) })
}
