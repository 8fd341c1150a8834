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
  regions              = ["us-east-1"]
  read_only_principals = ["arn:aws:iam::210987654321:role/auditor"]
  break_glass = {
    principals = ["arn:aws:iam::210987654321:user/ann"]
    topic_arn  = "arn:aws:sns:us-east-1:123456789012:security"
  }
}

run "the_root_of_another_account" {
  command         = plan
  expect_failures = [var.cross_account_roles]

  variables {
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = ["arn:aws:iam::210987654321:root"]
        external_id        = "7f0c2e1d9b8a4c55"
      }
    }
  }
}

run "everybody_everywhere" {
  command         = plan
  expect_failures = [var.cross_account_roles]

  variables {
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = ["*"]
        external_id        = "7f0c2e1d9b8a4c55"
      }
    }
  }
}

run "any_role_of_another_account" {
  command         = plan
  expect_failures = [var.cross_account_roles]

  variables {
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = ["arn:aws:iam::210987654321:role/*"]
        external_id        = "7f0c2e1d9b8a4c55"
      }
    }
  }
}

run "an_external_id_that_is_guessed" {
  command         = plan
  expect_failures = [var.cross_account_roles]

  variables {
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = ["arn:aws:iam::210987654321:user/partner"]
        external_id        = "acme"
      }
    }
  }
}

run "mfa_of_an_unknown_kind" {
  command         = plan
  expect_failures = [var.cross_account_roles]

  variables {
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = ["arn:aws:iam::210987654321:user/partner"]
        external_id        = "7f0c2e1d9b8a4c55"
        mfa                = "sms"
      }
    }
  }
}

run "nobody_is_trusted" {
  command         = plan
  expect_failures = [var.cross_account_roles]

  variables {
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = []
        external_id        = "7f0c2e1d9b8a4c55"
      }
    }
  }
}

run "prod_without_mfa" {
  command         = plan
  expect_failures = [aws_iam_role.cross_account["partner"]]

  variables {
    stage = "prod"
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = ["arn:aws:iam::210987654321:user/partner"]
        external_id        = "7f0c2e1d9b8a4c55"
        mfa                = "none"
      }
    }
  }
}

run "mfa_of_a_role_that_has_none" {
  command         = plan
  expect_failures = [var.cross_account_roles]

  variables {
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = ["arn:aws:iam::210987654321:role/partner"]
        external_id        = "7f0c2e1d9b8a4c55"
      }
    }
  }
}
