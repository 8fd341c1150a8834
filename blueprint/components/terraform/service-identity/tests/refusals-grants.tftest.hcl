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
  trusted_principals = ["workload-runtime"]
  bucket_arn         = "arn:aws:s3:::acme-use1-dev-photos"
}

run "a_wildcard_action" {
  command         = plan
  expect_failures = [var.grants]

  variables {
    grants = { all = { actions = ["sqs:*"], resources = ["arn:aws:sqs:us-east-1:123456789012:jobs"] } }
  }
}

run "every_resource" {
  command         = plan
  expect_failures = [var.grants]

  variables {
    grants = { all = { actions = ["sqs:SendMessage"], resources = ["*"] } }
  }
}

run "every_queue" {
  command         = plan
  expect_failures = [var.grants]

  variables {
    grants = { all = { actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:us-east-1:123456789012:*"] } }
  }
}

run "a_key_without_a_service" {
  command         = plan
  expect_failures = [var.key_services]

  variables {
    key_services = []
  }
}

run "any_pod" {
  command         = plan
  expect_failures = [var.pod_identity]

  variables {
    pod_identity = { cluster_arn = "arn:aws:eks:us-east-1:123456789012:cluster/a", namespace = "photos", service_account = "*" }
  }
}

run "any_token" {
  command         = plan
  expect_failures = [var.irsa]

  variables {
    irsa = { oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/x", oidc_issuer = "x", namespace = "*", service_account = "photos" }
  }
}

run "a_grant_whose_name_aws_refuses" {
  command         = plan
  expect_failures = [var.grants]

  variables {
    grants = { send_jobs = { actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:us-east-1:123456789012:jobs"] } }
  }
}

run "any_role_handed_on" {
  command         = plan
  expect_failures = [var.grants]

  variables {
    grants = { roles = { actions = ["iam:PassRole"], resources = ["arn:aws:iam::123456789012:role/*"] } }
  }
}
