locals {
  repository = "${local.id}${var.path == null ? "" : "/${var.path}"}"

  # A tag says which deployment may still need an image; one without a tag is left over from a build.
  lifecycle_rules = [
    {
      rulePriority = 1
      description  = "Images without a tag go after ${var.untagged_days} days"
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = var.untagged_days }
      action       = { type = "expire" }
    },
    {
      rulePriority = 2
      description  = "The newest ${var.images_kept} images stay"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = var.images_kept }
      action       = { type = "expire" }
    },
  ]

  pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
  push = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]

  statements = concat(
    [for principals in [var.pull_principals] : { Sid = "Pull", Effect = "Allow", Principal = { AWS = principals }, Action = local.pull } if length(principals) > 0],
    [for principals in [var.push_principals] : { Sid = "Push", Effect = "Allow", Principal = { AWS = principals }, Action = concat(local.pull, local.push) } if length(principals) > 0],
  )
}

resource "aws_ecr_repository" "this" {
  name                 = local.repository
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force_delete
  tags                 = var.tags

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.key_arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }

  lifecycle {
    precondition {
      condition     = !(var.stage == "prod" && var.force_delete)
      error_message = "force_delete must be false in prod: what runs there is pulled again whenever a node is replaced."
    }
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy     = jsonencode({ rules = local.lifecycle_rules })
}

resource "aws_ecr_repository_policy" "this" {
  count      = length(local.statements) > 0 ? 1 : 0
  repository = aws_ecr_repository.this.name
  policy     = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
