mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
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
  key_arn    = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  hash_key   = "album"
  attributes = { album = "S" }
}

run "safe_by_default" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.key_arn
    error_message = "the table must use the platform's key"
  }

  assert {
    condition     = aws_dynamodb_table.this.point_in_time_recovery[0].enabled && aws_dynamodb_table.this.point_in_time_recovery[0].recovery_period_in_days == 35
    error_message = "every second of 35 days must be recoverable"
  }

  assert {
    condition     = aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST"
    error_message = "billing must follow the load"
  }

  assert {
    condition     = aws_dynamodb_table.this.tags == var.tags
    error_message = "the table must carry the tags"
  }
}

run "dev_can_be_deleted_and_prod_cannot" {
  command = plan

  variables {
    stage = "prod"
  }

  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "prod must be protected without being asked"
  }
}

run "indexes_expiry_and_streams" {
  command = plan

  variables {
    attributes               = { album = "S", owner = "S" }
    global_secondary_indexes = { by-owner = { hash_key = "owner" } }
    ttl_attribute            = "expires_at"
    stream_view_type         = "NEW_AND_OLD_IMAGES"
  }

  assert {
    condition     = [for index in aws_dynamodb_table.this.global_secondary_index : index.name] == ["by-owner"]
    error_message = "the index must be made"
  }

  assert {
    condition     = aws_dynamodb_table.this.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.this.stream_enabled
    error_message = "expiry and stream must be on"
  }
}
