resource "aws_s3_bucket" "audit" {
  bucket = local.bucket
  tags   = var.tags

  lifecycle {
    precondition {
      condition     = length(local.bucket) <= 63
      error_message = "tenant-environment-stage-name must have at most 44 characters: S3 takes 63 for a bucket, here with the account and -audit behind."
    }

    precondition {
      condition     = var.stage != "prod" || var.log_bucket != null || var.log_exempt != null
      error_message = "log_bucket must be given in prod, or log_exempt must say why not: who breaks in reads what is known of him."
    }
  }
}

resource "aws_s3_bucket_logging" "audit" {
  count = var.log_bucket == null ? 0 : 1

  bucket        = aws_s3_bucket.audit.id
  target_bucket = var.log_bucket
  target_prefix = "buckets/${local.bucket}/"
}

resource "aws_s3_bucket_versioning" "audit" {
  bucket = aws_s3_bucket.audit.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "audit" {
  bucket = aws_s3_bucket.audit.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "audit" {
  bucket = aws_s3_bucket.audit.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "audit" {
  bucket                  = aws_s3_bucket.audit.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "audit" {
  bucket = aws_s3_bucket.audit.id

  rule {
    id     = "age"
    status = "Enabled"

    filter {
      prefix = ""
    }

    transition {
      days          = 90
      storage_class = "GLACIER"
    }

    expiration {
      days = var.audit_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.audit]
}

resource "aws_s3_bucket_policy" "audit" {
  bucket = aws_s3_bucket.audit.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.audit_arn, "${local.audit_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "ConfigLooks"
        Effect    = "Allow"
        Principal = { Service = "config.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = local.audit_arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      ], [for statement in [
        {
          Sid       = "TrailLooks"
          Effect    = "Allow"
          Principal = { Service = "cloudtrail.amazonaws.com" }
          Action    = "s3:GetBucketAcl"
          Resource  = local.audit_arn
          Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
        },
        {
          Sid       = "TrailWrites"
          Effect    = "Allow"
          Principal = { Service = "cloudtrail.amazonaws.com" }
          Action    = "s3:PutObject"
          Resource  = "${local.audit_arn}/trail/AWSLogs/${local.account}/*"
          Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
        },
    ] : statement if var.main_region])
  })

  depends_on = [aws_s3_bucket_public_access_block.audit]
}
