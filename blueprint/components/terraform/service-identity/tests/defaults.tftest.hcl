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
  bucket_arn         = "arn:aws:s3:::acme-use1-dev-photos"
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  trusted_principals = ["workload-runtime"]
}

run "the_name_is_the_full_name" {
  command = plan

  assert {
    condition     = aws_iam_role.this.name == "acme-use1-dev-photos"
    error_message = "the role must be called tenant-environment-stage-name"
  }
}

run "only_named_principals_are_trusted" {
  command = plan

  variables {
    trusted_principals = ["workload-runtime", "arn:aws:iam::210987654321:role/build"]
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[*].Principal.AWS == [
      ["arn:aws:iam::123456789012:role/workload-runtime", "arn:aws:iam::210987654321:role/build"]
    ]
    error_message = "a role name must become the ARN of a role of this account, an ARN must stay, and nobody else may be there"
  }
}

run "it_grants_exactly_the_bucket_and_the_key" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement[*].Resource == [
      var.bucket_arn, "${var.bucket_arn}/*", var.key_arn
    ]
    error_message = "resources must be the bucket, its objects and the key"
  }
}

run "no_action_is_a_wildcard" {
  command = plan

  assert {
    condition     = alltrue([for a in flatten(jsondecode(aws_iam_role_policy.this.policy).Statement[*].Action) : !strcontains(a, "*")])
    error_message = "each action must be named"
  }
}

run "it_cannot_change_the_bucket_itself" {
  command = plan

  assert {
    condition = length(setsubtract(
      flatten(jsondecode(aws_iam_role_policy.this.policy).Statement[*].Action),
      [
        "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:AbortMultipartUpload",
        "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey",
      ],
    )) == 0
    error_message = "nothing but reading and writing objects, and the key for that"
  }
}

run "the_key_is_used_through_s3_only" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[2].Condition.StringEquals["kms:ViaService"] == ["s3.us-east-1.amazonaws.com"]
    error_message = "the key must be usable through S3 only"
  }
}

run "a_session_lasts_an_hour" {
  command = plan

  assert {
    condition     = aws_iam_role.this.max_session_duration == 3600
    error_message = "one hour unless asked for more"
  }
}

run "the_tags_are_on_the_role" {
  command = plan

  assert {
    condition     = aws_iam_role.this.tags == var.tags
    error_message = "the role must carry the tags"
  }
}

run "pods_of_one_service_account_are_trusted" {
  command = plan

  variables {
    trusted_principals = []
    pod_identity = {
      cluster_arn     = "arn:aws:eks:us-east-1:123456789012:cluster/acme-use1-dev"
      namespace       = "photos"
      service_account = "photos"
    }
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[*].Principal == [{ Service = "pods.eks.amazonaws.com" }]
    error_message = "only EKS may hand out the identity"
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals == {
      "aws:RequestTag/eks-cluster-arn"            = "arn:aws:eks:us-east-1:123456789012:cluster/acme-use1-dev"
      "aws:RequestTag/kubernetes-namespace"       = "photos"
      "aws:RequestTag/kubernetes-service-account" = "photos"
      "aws:SourceAccount"                         = "123456789012"
    }
    error_message = "the cluster, the namespace and the service account must be these"
  }
}

run "a_token_of_one_service_account_is_trusted" {
  command = plan

  variables {
    trusted_principals = []
    irsa = {
      oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/0123"
      oidc_issuer       = "oidc.eks.us-east-1.amazonaws.com/id/0123"
      namespace         = "photos"
      service_account   = "photos"
    }
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals == {
      "oidc.eks.us-east-1.amazonaws.com/id/0123:aud" = "sts.amazonaws.com"
      "oidc.eks.us-east-1.amazonaws.com/id/0123:sub" = "system:serviceaccount:photos:photos"
    }
    error_message = "the token must be of this service account, for STS"
  }
}

run "it_grants_exactly_what_is_listed" {
  command = plan

  variables {
    bucket_arn   = null
    key_services = ["sqs"]
    grants = {
      send-jobs = {
        actions   = ["sqs:SendMessage"]
        resources = ["arn:aws:sqs:us-east-1:123456789012:acme-use1-dev-jobs"]
      }
    }
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[*].Sid == ["UseKeyThroughServices", "SendJobs"]
    error_message = "the key and the grant, and nothing of a bucket"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[1].Action == ["sqs:SendMessage"] && jsondecode(aws_iam_role_policy.this.policy).Statement[1].Resource == ["arn:aws:sqs:us-east-1:123456789012:acme-use1-dev-jobs"]
    error_message = "exactly this action on exactly this queue"
  }
}
