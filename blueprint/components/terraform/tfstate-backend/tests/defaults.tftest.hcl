mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_s3_bucket" {
    defaults        = { arn = "arn:aws:s3:::mock" }
    override_during = plan
  }

  mock_resource "aws_kms_key" {
    defaults        = { arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
    override_during = plan
  }

  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::123456789012:role/mock" }
    override_during = plan
  }
}

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
  administrators = ["platform-admin"]
  state_roles    = ["gaia-deployer"]
}

run "state_is_versioned_encrypted_logged_and_private" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state.bucket == "acme-use1-dev-photos-123456789012"
    error_message = "the name must be unique in the world"
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "each state must be kept"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == aws_kms_key.state.arn
    error_message = "state must be encrypted with its own key"
  }

  assert {
    condition     = alltrue([for block in [aws_s3_bucket_public_access_block.state, aws_s3_bucket_public_access_block.logs] : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "neither bucket may ever be public"
  }

  assert {
    condition     = aws_s3_bucket_logging.state.target_prefix == "state/"
    error_message = "access must be logged"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.state.policy).Statement[0].Condition == { Bool = { "aws:SecureTransport" = "false" } }
    error_message = "requests without TLS must be refused"
  }

  assert {
    condition     = length(setsubtract(["s3:DeleteObjectVersion", "s3:PutLifecycleConfiguration"], jsondecode(aws_s3_bucket_policy.state.policy).Statement[1].Action)) == 0 && jsondecode(aws_s3_bucket_policy.state.policy).Statement[1].Effect == "Deny"
    error_message = "history must be closed to all but administrators"
  }

  assert {
    condition     = aws_kms_key.state.enable_key_rotation && aws_s3_bucket.state.tags == var.tags && aws_s3_bucket.logs.tags == var.tags && aws_kms_key.state.tags == var.tags
    error_message = "the key must rotate and everything must carry the tags"
  }

  assert {
    condition     = output.backend.use_lockfile && output.backend.encrypt
    error_message = "S3 must lock the state itself"
  }
}

run "roles_that_read_state" {
  command = plan

  variables {
    state_roles = ["gaia-deployer", "acme-use1-dev-photos-replication"]
  }

  assert {
    condition = [for s in jsondecode(aws_kms_key.state.policy).Statement : s.Condition.ArnEquals["aws:PrincipalArn"] if s.Sid == "UseThroughS3"] == [
      ["arn:aws:iam::123456789012:role/gaia-deployer", "arn:aws:iam::123456789012:role/acme-use1-dev-photos-replication"],
    ]
    error_message = "the key must let the role decrypt that copies: its own policy cannot"
  }
}

run "other_buckets_of_the_account_log_here" {
  command = plan

  assert {
    condition = { for s in jsondecode(aws_s3_bucket_policy.logs.policy).Statement : s.Resource => s.Condition if s.Effect == "Allow" } == {
      "arn:aws:s3:::acme-use1-dev-photos-123456789012-logs/state/*" = {
        ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::acme-use1-dev-photos-123456789012" }
        StringEquals = { "aws:SourceAccount" = "123456789012" }
      }
      "arn:aws:s3:::acme-use1-dev-photos-123456789012-logs/buckets/*" = {
        StringEquals = { "aws:SourceAccount" = "123456789012" }
      }
    }
    error_message = "S3 may write logs of this account only, and those of the state to a folder that no other bucket reaches"
  }

  assert {
    condition     = output.log_bucket_name == "acme-use1-dev-photos-123456789012-logs"
    error_message = "others must find the bucket"
  }
}
