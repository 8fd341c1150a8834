mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_policy" {
    defaults        = { arn = "arn:aws:iam::123456789012:policy/mock" }
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
  stage       = "prod"
  region      = "us-east-1"
  name        = "deployer"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-platform"
    tenant      = "acme"
    stage       = "prod"
    service     = "platform"
  }
  components               = ["kms", "vpc", "security-group", "rds"]
  regions                  = ["us-east-1"]
  boundary_arns            = ["arn:aws:iam::123456789012:policy/acme-use1-prod-access-boundary"]
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/deployment-boundary"
  protected_roles          = ["acme-use1-prod-access-break-glass"]
  github                   = { repository = "acme/platform" }
  passed_roles             = { "vpc-flow-logs.amazonaws.com" = ["acme-use1-prod-network-flow-logs"] }

  state = {
    bucket_arn = "arn:aws:s3:::acme-prod-tfstate"
    key_arn    = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    region     = "us-east-1"
  }
}

run "who_plans_changes_nothing_but_locks" {
  command = plan

  assert {
    condition = alltrue([
      for statement in flatten([for one, policy in aws_iam_policy.this : jsondecode(policy.policy).Statement if startswith(one, "plan-")]) : alltrue([
        for action in statement.Action : can(regex("^[a-z0-9-]+:(BatchGet|Describe|Get|List)", action))
        || contains(["s3:PutObject", "s3:DeleteObject"], action) && statement.Resource == ["arn:aws:s3:::acme-prod-tfstate/*.tflock"]
        || contains(["kms:Decrypt", "kms:GenerateDataKey"], action) && statement.Resource == ["arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
      ])
    ])
    error_message = "a plan must only look, and write the locks of states"
  }
}

run "who_applies_may_call_what_the_components_call_and_nothing_else" {
  command = plan

  assert {
    condition = length(setsubtract(
      flatten([for component in ["kms", "rds", "security-group", "vpc"] : [for sort in ["read", "write"] : jsondecode(file("actions.json"))[component][sort]]]),
      flatten([for one, policy in aws_iam_policy.this : jsondecode(policy.policy).Statement[*].Action if startswith(one, "apply-")]),
    )) == 0
    error_message = "every recorded call must be allowed"
  }

  assert {
    condition = alltrue([
      for action in flatten([for one, policy in aws_iam_policy.this : [for statement in jsondecode(policy.policy).Statement : statement.Action if statement.Effect == "Allow"] if startswith(one, "apply-")]) :
      contains(["cloudwatch", "ec2", "iam", "kms", "logs", "rds", "s3", "sts"], split(":", action)[0])
    ])
    error_message = "no service that the components do not use may be there"
  }

  assert {
    condition     = !contains(flatten([for policy in aws_iam_policy.this : [for statement in jsondecode(policy.policy).Statement : statement.Action if statement.Effect == "Allow"]]), "iam:CreateUser")
    error_message = "nobody makes users"
  }
}

run "no_policy_is_longer_than_aws_takes" {
  command = plan

  variables {
    tenant      = "acmeincorporated"
    environment = "apsoute1"
    stage       = "staging"
    name        = "deployer-of-all-of-it"
    regions     = ["ap-southeast-1", "ap-southeast-2", "ap-northeast-1"]
    components = [
      "account-baseline", "acm", "alb", "backup", "dynamodb-table", "ecr-repository", "eks", "eks-addons", "kms", "monitoring", "rds", "s3-bucket", "secrets",
      "security-group", "service-identity", "sns-topic", "sqs-queue", "tfstate-backend", "vpc",
    ]
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.this : length(policy.policy) <= 6144])
    error_message = "${jsonencode([for policy in aws_iam_policy.this : length(policy.policy)])} characters; AWS takes 6144"
  }

  assert {
    condition     = alltrue([for role in ["plan", "apply"] : length([for one in keys(aws_iam_policy.this) : one if startswith(one, role)]) <= 10])
    error_message = "AWS takes ten policies on a role"
  }
}

run "roles_are_made_with_a_boundary_and_handed_to_one_service" {
  command = plan

  assert {
    condition = alltrue([
      for statement in flatten([for policy in aws_iam_policy.this : jsondecode(policy.policy).Statement]) :
      try(statement.Condition.StringEquals["iam:PermissionsBoundary"], []) == ["arn:aws:iam::123456789012:policy/acme-use1-prod-access-boundary"]
      if statement.Effect == "Allow" && contains(statement.Action, "iam:CreateRole")
    ])
    error_message = "a role must have the boundary"
  }

  assert {
    condition = [
      for statement in flatten([for policy in aws_iam_policy.this : jsondecode(policy.policy).Statement]) : [statement.Resource, statement.Condition.StringEquals["iam:PassedToService"]]
      if statement.Action == ["iam:PassRole"]
    ] == [[["arn:aws:iam::123456789012:role/acme-use1-prod-network-flow-logs"], ["vpc-flow-logs.amazonaws.com"]]]
    error_message = "one role must go to one service"
  }
}

run "who_deploys_changes_neither_himself_nor_what_bounds_him" {
  command = plan

  assert {
    condition = [for statement in flatten([for policy in aws_iam_policy.this : jsondecode(policy.policy).Statement]) : statement.Resource if statement.Effect == "Deny"] == [[
      "arn:aws:iam::123456789012:policy/acme-use1-prod-access-boundary",
      "arn:aws:iam::123456789012:policy/acme-use1-prod-deployer-*",
      "arn:aws:iam::123456789012:role/acme-use1-prod-access-break-glass",
      "arn:aws:iam::123456789012:role/acme-use1-prod-deployer-*",
    ]]
    error_message = "the roles, their policies, the boundaries and what is protected must be out of reach"
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.permissions_boundary == var.permissions_boundary_arn && role.max_session_duration == 3600])
    error_message = "both roles must have the account's boundary, for an hour"
  }
}

run "a_pull_request_plans_and_the_branch_applies" {
  command = plan

  variables {
    github = { repository = "acme/platform", job = "acme/platform/.github/workflows/gaia-job.yml@refs/heads/main" }
    engine = { role_arn = "arn:aws:iam::210987654321:role/gaia-engine", external_id = "acme-prod-6f2f1f0e9a7b" }
  }

  assert {
    condition = { for role, one in aws_iam_role.this : role => jsondecode(one.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] } == {
      plan = [
        "repo:acme/platform:pull_request:job_workflow_ref:acme/platform/.github/workflows/gaia-job.yml@refs/heads/main",
        "repo:acme/platform:ref:refs/heads/main:job_workflow_ref:acme/platform/.github/workflows/gaia-job.yml@refs/heads/main",
      ]
      apply = ["repo:acme/platform:ref:refs/heads/main:job_workflow_ref:acme/platform/.github/workflows/gaia-job.yml@refs/heads/main"]
    }
    error_message = "only the branch may apply, and only by that workflow"
  }

  assert {
    condition     = jsondecode(aws_iam_role.this["apply"].assume_role_policy).Statement[1].Condition == { StringEquals = { "sts:ExternalId" = ["acme-prod-6f2f1f0e9a7b"] } }
    error_message = "the engine must say its external id"
  }
}
