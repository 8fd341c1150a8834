data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  # S3 takes 63 characters; what is cut off lives on in the hash.
  bucket_prefix = length(local.id) <= 46 ? local.id : "${trimsuffix(substr(local.id, 0, 39), "-")}-${substr(sha1(local.id), 0, 6)}"
  log_bucket    = "${local.bucket_prefix}-alb-${local.account}"
  # Written out, so that a preview shows the policy; the attribute of a new bucket is known only after apply.
  logs_arn = "arn:${local.partition}:s3:::${local.log_bucket}"
}

resource "aws_s3_bucket" "logs" {
  bucket        = local.log_bucket
  force_destroy = !var.deletion_protection
  tags          = merge(var.tags, { Name = "${local.id}-alb-logs" })
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# Load balancers deliver to buckets with keys of S3 only; with a KMS key AWS refuses to switch logging on.
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    id     = "old-logs"
    status = "Enabled"

    filter {
      prefix = ""
    }

    expiration {
      days = var.log_retention_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.logs]
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Delivery"
        Effect    = "Allow"
        Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
        Action    = "s3:PutObject"
        # AWS names each object after load balancer and moment; below these folders of this account it writes nothing else.
        Resource = [for kind in ["access", "connections"] : "${local.logs_arn}/${kind}/AWSLogs/${local.account}/*"]
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:elasticloadbalancing:${var.region}:${local.account}:loadbalancer/app/${local.name}/*" }
        }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.logs_arn, "${local.logs_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  # AWS answers 409 when both are changed at once.
  depends_on = [aws_s3_bucket_public_access_block.logs]
}
