mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_secretsmanager_secret" {
    defaults        = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-use1-dev-photos/database-AbCdEf" }
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
  key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  administrators = ["gaia-deployer"]
  secrets        = { database = { description = "Password", readers = ["acme-use1-dev-photos"] } }
}

run "encrypted_and_closed_to_all_but_readers" {
  command = plan

  assert {
    condition     = aws_secretsmanager_secret.this["database"].kms_key_id == var.key_arn
    error_message = "the secret must use the platform's key"
  }

  assert {
    condition     = aws_secretsmanager_secret.this["database"].name == "acme-use1-dev-photos/database"
    error_message = "the name must say whose it is"
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_secretsmanager_secret_policy.this["database"].policy).Statement : s.Effect == "Deny"])
    error_message = "a resource policy must only narrow"
  }

  assert {
    condition     = jsondecode(aws_secretsmanager_secret_policy.this["database"].policy).Statement[1].Condition.ArnNotEquals["aws:PrincipalArn"] == ["arn:aws:iam::123456789012:role/acme-use1-dev-photos"]
    error_message = "only the readers may read"
  }

  assert {
    condition     = aws_secretsmanager_secret.this["database"].tags == var.tags
    error_message = "the secret must carry the tags"
  }
}

run "rotation_reads_too_and_happens_every_month" {
  command = plan

  variables {
    stage = "prod"
    secrets = {
      database = {
        description = "Password"
        readers     = ["acme-use1-dev-photos"]
        rotation = {
          lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:rotate"
          role_arn   = "arn:aws:iam::123456789012:role/rotate"
        }
      }
    }
  }

  assert {
    condition     = aws_secretsmanager_secret_rotation.this["database"].rotation_rules[0].automatically_after_days == 30
    error_message = "rotation must be monthly by default"
  }

  assert {
    condition     = contains(jsondecode(aws_secretsmanager_secret_policy.this["database"].policy).Statement[1].Condition.ArnNotEquals["aws:PrincipalArn"], "arn:aws:iam::123456789012:role/rotate")
    error_message = "whoever rotates must be able to read"
  }
}

run "a_reason_instead_of_rotation" {
  command = plan

  variables {
    stage = "prod"
    secrets = {
      licence = {
        description     = "Licence"
        readers         = ["acme-use1-dev-photos"]
        rotation_exempt = "the vendor issues one licence a contract"
      }
    }
  }

  assert {
    condition     = length(aws_secretsmanager_secret_rotation.this) == 0
    error_message = "nothing must rotate"
  }
}
