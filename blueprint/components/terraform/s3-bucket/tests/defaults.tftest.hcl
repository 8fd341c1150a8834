mock_provider "aws" {}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "dev"
  region      = "us-east-1"
  name        = "photos"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "dev"
    service     = "photos"
  }
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "the_name_is_the_full_name" {
  command = plan

  assert {
    condition     = aws_s3_bucket.this.bucket == "acme-use1-dev-photos"
    error_message = "the bucket must be called tenant-environment-stage-name"
  }
}

run "the_name_can_be_given" {
  command = plan

  variables {
    bucket_name = "acme-photos-of-the-world"
  }

  assert {
    condition     = aws_s3_bucket.this.bucket == "acme-photos-of-the-world"
    error_message = "a given name must win"
  }
}

run "versions_are_kept" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "versioning must be on unless it is switched off"
  }
}

run "objects_are_encrypted_with_the_key" {
  command = plan

  assert {
    condition = one([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      "${rule.apply_server_side_encryption_by_default[0].sse_algorithm} ${rule.apply_server_side_encryption_by_default[0].kms_master_key_id} ${rule.bucket_key_enabled}"
    ]) == "aws:kms ${var.key_arn} true"
    error_message = "the default must be SSE-KMS with the given key and a bucket key"
  }
}

run "nothing_can_be_public" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "all four blocks must be on"
  }
}

run "acls_are_off" {
  command = plan

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "objects must belong to the owner of the bucket"
  }
}

run "only_tls_is_let_in" {
  command = plan

  # The policy holds the bucket's ARN, which a plan knows only when it is told.
  override_resource {
    target          = aws_s3_bucket.this
    override_during = plan
    values          = { arn = "arn:aws:s3:::acme-use1-dev-photos" }
  }

  assert {
    condition = [
      for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : [s.Effect, s.Principal, s.Condition.Bool["aws:SecureTransport"]]
    ] == [["Deny", "*", "false"]]
    error_message = "plain HTTP must be denied to everybody, and nothing may be allowed"
  }
}

run "nothing_is_removed_by_default" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == 0 && aws_s3_bucket.this.force_destroy == false
    error_message = "there must be no lifecycle rule and no forced destruction unless asked for"
  }
}

run "earlier_versions_are_removed_when_asked" {
  command = plan

  variables {
    noncurrent_version_days = 90
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].noncurrent_version_expiration[0].noncurrent_days == 90
    error_message = "the rule must remove earlier versions after the given days"
  }
}

run "access_is_logged_where_asked" {
  command = plan

  variables {
    stage      = "prod"
    log_bucket = "acme-prod-tfstate-logs"
  }

  assert {
    condition     = [for one in aws_s3_bucket_logging.this : "${one.target_bucket}/${one.target_prefix}"] == ["acme-prod-tfstate-logs/buckets/acme-use1-prod-photos/"]
    error_message = "logs must come to a folder of the bucket's own"
  }
}

run "a_written_reason_is_taken_for_logs" {
  command = plan

  variables {
    stage      = "prod"
    log_exempt = "pictures that the whole web reads anyway"
  }

  assert {
    condition     = length(aws_s3_bucket_logging.this) == 0
    error_message = "there is nowhere to log to"
  }
}

run "the_tags_are_on_the_bucket" {
  command = plan

  assert {
    condition     = aws_s3_bucket.this.tags == var.tags
    error_message = "the bucket must carry the tags"
  }
}
