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
  administrators = ["gaia-deployer"]
}

run "the_key_rotates" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation == true
    error_message = "rotation must be on"
  }
}

run "the_key_can_be_restored_for_thirty_days" {
  command = plan

  assert {
    condition     = aws_kms_key.this.deletion_window_in_days == 30
    error_message = "the window must be 30 days unless a stage says otherwise"
  }
}

run "the_alias_is_the_full_name" {
  command = plan

  assert {
    condition     = aws_kms_alias.this.name == "alias/acme-use1-dev-photos"
    error_message = "the alias must be tenant-environment-stage-name"
  }
}

run "nobody_but_administrators_without_user_roles" {
  command = plan

  assert {
    condition     = [for s in jsondecode(aws_kms_key.this.policy).Statement : s.Sid] == ["Administration"]
    error_message = "the policy must have one statement"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[0].Principal.AWS == ["arn:aws:iam::123456789012:role/gaia-deployer"]
    error_message = "a role name must become the ARN of a role of this account"
  }
}

run "no_action_is_a_wildcard" {
  command = plan

  variables {
    user_roles = ["acme-use1-dev-photos"]
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_kms_key.this.policy).Statement : alltrue([for a in s.Action : !strcontains(a, "*")])])
    error_message = "each action must be named"
  }
}

run "administrators_cannot_read_data" {
  command = plan

  assert {
    condition = length(setintersection(
      jsondecode(aws_kms_key.this.policy).Statement[0].Action,
      ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant"],
    )) == 0
    error_message = "managing a key must not include using it, nor granting its use"
  }
}

run "users_are_these_roles_through_s3_only" {
  command = plan

  variables {
    user_roles = ["acme-use1-dev-photos", "arn:aws:iam::210987654321:role/reader"]
  }

  assert {
    condition = jsondecode(aws_kms_key.this.policy).Statement[1].Condition == {
      ArnEquals = {
        "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/acme-use1-dev-photos", "arn:aws:iam::210987654321:role/reader"]
      }
      StringEquals = {
        "kms:CallerAccount" = "123456789012"
        "kms:ViaService"    = ["s3.us-east-1.amazonaws.com"]
      }
    }
    error_message = "an open principal must be closed by all three conditions"
  }
}

run "services_use_it_for_this_account_only" {
  command = plan

  variables {
    aws_services = ["sns", "logs"]
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[1].Principal.Service == "sns.amazonaws.com" && jsondecode(aws_kms_key.this.policy).Statement[1].Condition == { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    error_message = "a service must be held to this account"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[2].Condition == { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:us-east-1:123456789012:*" } }
    error_message = "CloudWatch Logs must be held to this account's log groups"
  }
}

run "services_that_do_not_send_the_account_are_held_to_what_they_send" {
  command = plan

  variables {
    aws_services = ["events", "cloudtrail"]
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[1].Condition == { ArnLike = { "kms:EncryptionContext:aws:sns:topicArn" = "arn:aws:sns:us-east-1:123456789012:*" } }
    error_message = "EventBridge sends no account: with a condition on it no event would reach an encrypted topic"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[2].Condition == { ArnLike = { "aws:SourceArn" = "arn:aws:cloudtrail:*:123456789012:trail/*" } }
    error_message = "CloudTrail must be held to this account's trails"
  }
}

run "the_tags_are_on_the_key" {
  command = plan

  assert {
    condition     = aws_kms_key.this.tags == var.tags
    error_message = "the key must carry the tags"
  }
}

run "grants_are_for_aws_only" {
  command = plan

  variables {
    granting_roles = ["gaia-deployer"]
  }

  assert {
    condition = jsondecode(aws_kms_key.this.policy).Statement[1].Condition == {
      ArnEquals    = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/gaia-deployer"] }
      Bool         = { "kms:GrantIsForAWSResource" = "true" }
      StringEquals = { "kms:CallerAccount" = "123456789012" }
    }
    error_message = "an open principal must be closed by all three conditions, and grants be for AWS's own resources"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[1].Action == ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    error_message = "granting must not include using"
  }
}
