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

  mock_resource "aws_iam_openid_connect_provider" {
    defaults        = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
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
  regions              = ["us-east-1"]
  read_only_principals = ["arn:aws:iam::210987654321:role/auditor"]
  break_glass = {
    principals = ["arn:aws:iam::210987654321:user/ann"]
    topic_arn  = "arn:aws:sns:us-east-1:123456789012:security"
  }
}

run "no_policy_has_a_wildcard_action" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for policy in concat(values(aws_iam_policy.resource_management)[*].policy, [aws_iam_policy.boundary.policy, aws_iam_policy.management_boundary.policy]) : [
        for statement in jsondecode(policy).Statement : [for action in statement.Action : !strcontains(action, "*")] if statement.Effect == "Allow"
      ]
    ]))
    error_message = "each action must be named"
  }

  assert {
    condition = [
      for statement in flatten([for policy in aws_iam_policy.resource_management : jsondecode(policy.policy).Statement]) : statement.Sid if contains(flatten([statement.Resource]), "*")
    ] == ["Look", "Look"]
    error_message = "only describing may be for every resource"
  }

  assert {
    condition     = alltrue([for statement in flatten([for policy in aws_iam_policy.resource_management : jsondecode(policy.policy).Statement]) : strcontains(jsonencode([statement.Resource, try(statement.Condition, "")]), "us-east-1") || strcontains(jsonencode(statement.Resource), "acme-use1-dev-")])
    error_message = "each statement must be held to the region or to the stack's names"
  }

}

run "no_policy_is_longer_than_aws_takes" {
  command = plan

  variables {
    tenant      = "acmeincorporated"
    environment = "apsoute1"
    stage       = "staging"
    name        = "access-of-people"
    regions     = ["ap-southeast-1", "ap-southeast-2", "ap-northeast-1"]
    environments = {
      ap-southeast-2 = "apsoute2"
      ap-northeast-1 = "apnorte1"
    }
  }

  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_policy.resource_management)[*].policy, [aws_iam_policy.boundary.policy, aws_iam_policy.management_boundary.policy, aws_iam_policy.platform_boundary.policy]) : length(policy) <= 6144])
    error_message = "${jsonencode([for policy in concat(values(aws_iam_policy.resource_management)[*].policy, [aws_iam_policy.boundary.policy, aws_iam_policy.management_boundary.policy, aws_iam_policy.platform_boundary.policy]) : length(policy)])} characters; AWS takes 6144"
  }
}

run "whoever_manages_is_bounded_to_what_the_policies_name" {
  command = plan

  assert {
    condition = toset(flatten(jsondecode(aws_iam_policy.management_boundary.policy).Statement[*].Action)) == toset(flatten([
      for policy in aws_iam_policy.resource_management : jsondecode(policy.policy).Statement[*].Action
    ]))
    error_message = "the boundary and the policies must name the same actions"
  }

  assert {
    condition     = !strcontains(aws_iam_policy.management_boundary.policy, "\"iam:")
    error_message = "nobody who manages may change what somebody may do"
  }
}

run "what_is_managed_bears_the_tags_of_the_stack" {
  command = plan

  assert {
    condition = [for s in jsondecode(aws_iam_policy.resource_management["network"].policy).Statement : s.Condition.StringEquals if s.Sid == "Ec2Manage"] == [{
      "aws:ResourceTag/tenant" = "acme"
      "aws:ResourceTag/stage"  = "dev"
    }]
    error_message = "only the stack's own instances may be changed"
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_policy.resource_management["network"].policy).Statement : s.Condition.StringEquals["aws:RequestTag/tenant"] if s.Sid == "Ec2Create"] == ["acme"]
    error_message = "what is made must be tagged"
  }
}

run "no_role_can_give_itself_more" {
  command = plan

  assert {
    condition     = contains([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s.Action if s.Effect == "Deny"][0], "iam:DeleteRolePermissionsBoundary")
    error_message = "the boundary must refuse to be taken off"
  }
}

run "the_platform_never_writes_identities_nor_leaves_its_regions" {
  command = plan

  variables {
    regions      = ["us-east-1", "eu-west-1"]
    environments = { eu-west-1 = "euw1" }
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_policy.platform_boundary.policy).Statement : s.Condition if s.Effect == "Allow" && s.Action == ["*"]] == [{ StringEquals = { "aws:RequestedRegion" = ["us-east-1", "eu-west-1"] } }]
    error_message = "everything only in the regions of the account"
  }

  assert {
    condition     = alltrue([for action in ["iam:CreateUser", "iam:CreateAccessKey", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:DeleteRolePermissionsBoundary", "sts:AssumeRole", "cloudtrail:StopLogging", "kms:ScheduleKeyDeletion"] : contains(flatten([for s in jsondecode(aws_iam_policy.platform_boundary.policy).Statement : s.Action if s.Effect == "Deny" && try(s.Resource, "") == "*"]), action)])
    error_message = "no identity, no other role, and nobody stops watching"
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_policy.platform_boundary.policy).Statement : s.NotResource if s.Sid == "NoOtherRoles"][0] == ["arn:aws:iam::123456789012:role/acme-euw1-dev-*", "arn:aws:iam::123456789012:role/acme-use1-dev-*"]
    error_message = "roles of the account's stacks may be handed on, and no others"
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : contains(s.Resource, "arn:aws:sqs:eu-west-1:123456789012:acme-euw1-dev-*") if s.Sid == "TablesQueuesTopics"])
    error_message = "services of the other region have the same boundary"
  }
}

run "boundaries_are_the_accounts_and_known_for_what_they_are" {
  command = plan

  assert {
    condition     = [for one in [aws_iam_policy.boundary, aws_iam_policy.platform_boundary] : "${one.path}${one.name}"] == ["/boundary/acme-dev-photos-boundary", "/boundary/acme-dev-photos-platform-boundary"]
    error_message = "stacks write these names out"
  }
}

run "breaking_the_glass_takes_mfa_and_rings_a_bell" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.break_glass.assume_role_policy).Statement[0].Condition.NumericLessThan["aws:MultiFactorAuthAge"] == "900" && aws_iam_role.break_glass.max_session_duration == 3600
    error_message = "MFA in the last 15 minutes, for one hour"
  }

  assert {
    condition     = aws_cloudwatch_event_target.break_glass.arn == "arn:aws:sns:us-east-1:123456789012:security"
    error_message = "each use must be heard of"
  }
}

run "prod_asks_a_user_for_mfa_and_federated_people_for_their_tag" {
  command = plan

  variables {
    stage = "prod"
    cross_account_roles = {
      partner = {
        description        = "Partner"
        trusted_principals = ["arn:aws:iam::210987654321:user/partner"]
        external_id        = "7f0c2e1d9b8a4c55"
      }
      engineer = {
        description        = "Engineers"
        trusted_principals = ["arn:aws:iam::210987654321:role/engineer"]
        external_id        = "d1a5b0c4e7f94132"
        mfa                = "session-tag"
        manage_resources   = true
      }
    }
  }

  assert {
    condition = jsondecode(aws_iam_role.cross_account["partner"].assume_role_policy).Statement[0].Condition == {
      Bool            = { "aws:MultiFactorAuthPresent" = "true" }
      NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" }
      StringEquals    = { "sts:ExternalId" = "7f0c2e1d9b8a4c55" }
    }
    error_message = "a user must have MFA and the external id"
  }

  assert {
    condition     = jsondecode(aws_iam_role.cross_account["engineer"].assume_role_policy).Statement[0].Condition == { StringEquals = { "aws:PrincipalTag/mfa" = "true", "sts:ExternalId" = "d1a5b0c4e7f94132" } }
    error_message = "federated people must carry the tag and the external id"
  }

  assert {
    condition     = contains(jsondecode(aws_iam_role.cross_account["engineer"].assume_role_policy).Statement[0].Action, "sts:TagSession")
    error_message = "tags must be able to come along"
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.cross_account : role.permissions_boundary == "arn:aws:iam::123456789012:policy/mock"])
    error_message = "each must have the boundary"
  }

  assert {
    condition     = keys(aws_iam_role_policy_attachment.cross_account) == ["engineer/data", "engineer/network"]
    error_message = "who may only look must not manage"
  }

  assert {
    condition     = jsondecode(aws_iam_role.read_only.assume_role_policy).Statement[*].Condition == [{ StringEquals = { "aws:PrincipalTag/mfa" = "true" } }]
    error_message = "a role's session carries no MFA: looking asks for its tag in prod"
  }
}

run "users_and_roles_prove_themselves_each_in_the_way_they_can" {
  command = plan

  variables {
    stage                = "prod"
    read_only_principals = ["arn:aws:iam::210987654321:role/auditor", "arn:aws:iam::210987654321:user/ann"]
  }

  assert {
    condition = jsondecode(aws_iam_role.read_only.assume_role_policy).Statement == [
      {
        Sid       = "NamedUsers"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::210987654321:user/ann"] }
        Action    = ["sts:AssumeRole"]
        Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" }, NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" } }
      },
      {
        Sid       = "NamedRoles"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::210987654321:role/auditor"] }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Condition = { StringEquals = { "aws:PrincipalTag/mfa" = "true" } }
      },
    ]
    error_message = "users must have MFA, roles the tag"
  }

  assert {
    condition     = aws_iam_role.read_only.permissions_boundary == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    error_message = "who looks must never change anything"
  }
}

run "ci_is_one_repository_and_one_branch" {
  command = plan

  variables {
    github = { repository = "acme/platform" }
  }

  assert {
    condition = jsondecode(aws_iam_role.ci[0].assume_role_policy).Statement[0].Condition == {
      StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = "repo:acme/platform:ref:refs/heads/main"
      }
    }
    error_message = "the token must be of this repository and branch"
  }

  assert {
    condition     = aws_iam_role.ci[0].permissions_boundary == "arn:aws:iam::123456789012:policy/mock"
    error_message = "CI must have the boundary"
  }
}
