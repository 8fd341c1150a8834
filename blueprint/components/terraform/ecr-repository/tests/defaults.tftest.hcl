mock_provider "aws" {}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-shop"
    tenant      = "acme"
    stage       = "prod"
    service     = "shop"
  }
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "images_are_fixed_scanned_and_encrypted" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "tags must not move, and images must be scanned"
  }

  assert {
    condition     = aws_ecr_repository.this.encryption_configuration[0].encryption_type == "KMS" && aws_ecr_repository.this.encryption_configuration[0].kms_key == var.key_arn
    error_message = "images must be encrypted with the given key"
  }

  assert {
    condition     = aws_ecr_repository.this.name == "acme-use1-prod-shop" && aws_ecr_repository.this.tags == var.tags && aws_ecr_repository.this.force_delete == false
    error_message = "the repository must have its name and the tags, and must not vanish with images in it"
  }

  assert {
    condition     = length(aws_ecr_repository_policy.this) == 0
    error_message = "nobody gets a right unless named"
  }
}

run "old_images_go" {
  command = plan

  assert {
    condition     = jsonencode([for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : [rule.selection.tagStatus, rule.selection.countNumber]]) == jsonencode([["untagged", 7], ["any", 100]])
    error_message = "leftovers must go after a week, and a hundred images must stay"
  }
}

run "who_pushes_may_pull_and_who_pulls_may_not_push" {
  command = plan

  variables {
    path            = "worker"
    pull_principals = ["arn:aws:iam::210987654321:role/nodes"]
    push_principals = ["arn:aws:iam::123456789012:role/pipeline"]
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.this[0].policy).Statement[0].Principal.AWS == ["arn:aws:iam::210987654321:role/nodes"] && !contains(jsondecode(aws_ecr_repository_policy.this[0].policy).Statement[0].Action, "ecr:PutImage")
    error_message = "the nodes must be able to pull only"
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.this[0].policy).Statement[1].Principal.AWS == ["arn:aws:iam::123456789012:role/pipeline"] && contains(jsondecode(aws_ecr_repository_policy.this[0].policy).Statement[1].Action, "ecr:PutImage")
    error_message = "the pipeline must be able to push"
  }

  assert {
    condition     = alltrue([for action in flatten(jsondecode(aws_ecr_repository_policy.this[0].policy).Statement[*].Action) : !strcontains(action, "*")])
    error_message = "each action must be named"
  }

  assert {
    condition     = aws_ecr_repository.this.name == "acme-use1-prod-shop/worker"
    error_message = "the path must follow the name"
  }
}
