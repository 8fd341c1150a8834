locals {
  # Federated people carry their tags along, which is an action of its own.
  assuming = {
    principal   = ["sts:AssumeRole"]
    session-tag = ["sts:AssumeRole", "sts:TagSession"]
    none        = ["sts:AssumeRole"]
  }

  readers = {
    principal   = [for principal in var.read_only_principals : principal if strcontains(principal, ":user/")]
    session-tag = [for principal in var.read_only_principals : principal if strcontains(principal, ":role/")]
  }

  cross_account = {
    for name, role in var.cross_account_roles : name => {
      actions   = local.assuming[role.mfa]
      condition = merge(local.mfa[role.mfa], { StringEquals = merge(try(local.mfa[role.mfa].StringEquals, {}), { "sts:ExternalId" = role.external_id }) })
    }
  }
}

resource "aws_iam_role" "cross_account" {
  for_each = var.cross_account_roles

  name                 = "${local.id}-${each.key}"
  description          = each.value.description
  max_session_duration = 3600
  permissions_boundary = aws_iam_policy.management_boundary.arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NamedPrincipals"
      Effect    = "Allow"
      Principal = { AWS = each.value.trusted_principals }
      Action    = local.cross_account[each.key].actions
      Condition = local.cross_account[each.key].condition
    }]
  })

  lifecycle {
    precondition {
      condition     = var.stage != "prod" || each.value.mfa != "none"
      error_message = "a cross-account role in prod must ask for MFA: principal for users, session-tag for people who sign in elsewhere."
    }

    precondition {
      condition     = length("${local.id}-${each.key}") <= 64
      error_message = "names of cross_account_roles must have at most ${63 - length(local.id)} characters: IAM takes 64 for a role, here with tenant-environment-stage-name before."
    }
  }
}

resource "aws_iam_role_policy_attachment" "cross_account" {
  for_each = merge([for kind in keys(local.resource_management) : {
    for name, role in var.cross_account_roles : "${name}/${kind}" => { role = name, kind = kind } if role.manage_resources
  }]...)

  role       = aws_iam_role.cross_account[each.value.role].name
  policy_arn = aws_iam_policy.resource_management[each.value.kind].arn
}

resource "aws_iam_role_policy_attachment" "cross_account_view" {
  for_each = { for name, role in var.cross_account_roles : name => role if !role.manage_resources }

  role       = aws_iam_role.cross_account[each.key].name
  policy_arn = "${local.policies}/job-function/ViewOnlyAccess"
}

# Looks at everything, reads no data. In production each shows MFA in the way that it can.
resource "aws_iam_role" "read_only" {
  name                 = "${local.id}-read-only"
  description          = "Look at the resources of the account, not at the data in them"
  max_session_duration = 3600
  # Whatever somebody attaches to it later, it changes nothing.
  permissions_boundary = "${local.policies}/ReadOnlyAccess"
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for mfa, principals in local.readers : {
      Sid       = mfa == "principal" ? "NamedUsers" : "NamedRoles"
      Effect    = "Allow"
      Principal = { AWS = principals }
      Action    = local.assuming[mfa]
      Condition = var.stage == "prod" ? local.mfa[mfa] : local.mfa.none
    } if length(principals) > 0]
  })
}

resource "aws_iam_role_policy_attachment" "read_only" {
  for_each = toset(["SecurityAudit", "job-function/ViewOnlyAccess"])

  role       = aws_iam_role.read_only.name
  policy_arn = "${local.policies}/${each.key}"
}

# For the night when nothing else works. It can do everything, because nobody knows beforehand what it will take; so it
# always asks for MFA, ends after an hour, and each use rings a bell.
resource "aws_iam_role" "break_glass" {
  name                 = "${local.id}-break-glass"
  description          = "Everything, for an hour, in an emergency; each use is announced"
  max_session_duration = 3600
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NamedPrincipals"
      Effect    = "Allow"
      Principal = { AWS = var.break_glass.principals }
      Action    = "sts:AssumeRole"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" }, NumericLessThan = { "aws:MultiFactorAuthAge" = "900" } }
    }]
  })

  lifecycle {
    precondition {
      condition     = length("${local.id}-break-glass") <= 64
      error_message = "tenant-environment-stage-name must have at most 52 characters: IAM takes 64 for a role, here with -break-glass behind."
    }
  }
}

resource "aws_iam_role_policy_attachment" "break_glass" {
  role       = aws_iam_role.break_glass.name
  policy_arn = "${local.policies}/AdministratorAccess"
}

resource "aws_cloudwatch_event_rule" "break_glass" {
  name        = "${local.id}-break-glass"
  description = "Somebody used the break-glass role of ${local.id}"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.sts"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventName         = ["AssumeRole"]
      requestParameters = { roleArn = [aws_iam_role.break_glass.arn] }
    }
  })
}

resource "aws_cloudwatch_event_target" "break_glass" {
  rule      = aws_cloudwatch_event_rule.break_glass.name
  target_id = "bell"
  arn       = var.break_glass.topic_arn
}
