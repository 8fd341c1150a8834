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
  key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  administrators = ["gaia-deployer"]
  secrets        = { database = { description = "Password", readers = ["acme-use1-dev-photos"] } }
}

run "no_key_of_the_platform" {
  command         = plan
  expect_failures = [var.key_arn]

  variables {
    key_arn = "alias/aws/secretsmanager"
  }
}

run "everybody_administers" {
  command         = plan
  expect_failures = [var.administrators]

  variables {
    administrators = ["*"]
  }
}

run "the_root_administers" {
  command         = plan
  expect_failures = [var.administrators]

  variables {
    administrators = ["arn:aws:iam::123456789012:root"]
  }
}

run "everybody_reads" {
  command         = plan
  expect_failures = [var.secrets]

  variables {
    secrets = { database = { description = "Password", readers = ["*"] } }
  }
}

run "nobody_reads" {
  command         = plan
  expect_failures = [var.secrets]

  variables {
    secrets = { database = { description = "Password", readers = [] } }
  }
}

run "prod_without_rotation" {
  command         = plan
  expect_failures = [aws_secretsmanager_secret.this["database"]]

  variables {
    stage = "prod"
  }
}

run "a_rotation_once_a_year" {
  command         = plan
  expect_failures = [var.secrets]

  variables {
    secrets = {
      database = {
        description = "Password"
        readers     = ["acme-use1-dev-photos"]
        rotation = {
          lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:rotate"
          role_arn   = "arn:aws:iam::123456789012:role/rotate"
          days       = 365
        }
      }
    }
  }
}

run "gone_at_once" {
  command         = plan
  expect_failures = [var.recovery_window_in_days]

  variables {
    recovery_window_in_days = 0
  }
}
