# Copies a region's bucket of states into another region's. An instance of its own: each of the two buckets is made before
# anything else is, and what reads both would have to wait for itself.
data "aws_partition" "current" {}

locals {
  role_name = "${local.id}-replication"
  # Written out, so that a preview shows the policies.
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket_name}"
}

resource "aws_iam_role" "replication" {
  name                 = local.role_name
  description          = "Copies the Terraform state of ${local.id} to another region"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      # No condition: AWS documents none that this service sends, and a role can be handed to it only within the account.
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  lifecycle {
    precondition {
      condition     = length(local.role_name) <= 64
      error_message = "tenant-environment-stage-name must have at most 52 characters: IAM takes 64 for a role, here with -replication behind."
    }
  }
}

resource "aws_iam_role_policy" "replication" {
  name = "replication"
  role = aws_iam_role.replication.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        Resource = local.bucket_arn
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
        Resource = "${local.bucket_arn}/*"
      },
      {
        Effect   = "Allow"
        Action   = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
        Resource = "${var.destination.bucket_arn}/*"
      },
      {
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = var.key_arn
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
      {
        Effect    = "Allow"
        Action    = ["kms:Encrypt", "kms:GenerateDataKey"]
        Resource  = var.destination.key_arn
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.destination.region}.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_s3_bucket_replication_configuration" "state" {
  bucket = var.bucket_name
  role   = aws_iam_role.replication.arn

  rule {
    id     = "state"
    status = "Enabled"

    filter {
      prefix = ""
    }

    delete_marker_replication {
      status = "Enabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket        = var.destination.bucket_arn
      storage_class = "STANDARD_IA"

      encryption_configuration {
        replica_kms_key_id = var.destination.key_arn
      }
    }
  }

  # S3 asks at once whether the role may read.
  depends_on = [aws_iam_role_policy.replication]
}
