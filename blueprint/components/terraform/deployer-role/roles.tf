locals {
  doing = { plan = "Plans ${local.prefix}: looks, and locks states", apply = "Applies in ${local.prefix} what was planned" }

  issuer = "token.actions.githubusercontent.com"

  # A pull request plans what it likes to; only a branch that people have agreed to changes anything.
  subjects = var.github == null ? {} : {
    plan  = ["repo:${var.github.repository}:pull_request", "repo:${var.github.repository}:ref:refs/heads/${var.github.branch}"]
    apply = ["repo:${var.github.repository}:ref:refs/heads/${var.github.branch}"]
  }
  job = try(var.github.job, null) == null ? "" : ":job_workflow_ref:${var.github.job}"

  trust = {
    for role in ["plan", "apply"] : role => concat(
      [for github in var.github[*] : {
        Sid       = "Jobs"
        Effect    = "Allow"
        Principal = { Federated = "${local.iam}:oidc-provider/${local.issuer}" }
        Action    = ["sts:AssumeRoleWithWebIdentity"]
        Condition = { StringEquals = {
          "${local.issuer}:aud" = ["sts.amazonaws.com"]
          "${local.issuer}:sub" = [for subject in local.subjects[role] : "${subject}${local.job}"]
        } }
      }],
      [for engine in var.engine[*] : {
        Sid       = "Engine"
        Effect    = "Allow"
        Principal = { AWS = [engine.role_arn] }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Condition = { StringEquals = { "sts:ExternalId" = [engine.external_id] } }
      }],
    )
  }
}

resource "aws_iam_role" "this" {
  for_each = local.doing

  name                 = "${local.id}-${each.key}"
  description          = each.value
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = local.trust[each.key] })

  lifecycle {
    precondition {
      condition     = var.github != null || var.engine != null
      error_message = "github or engine must say who deploys: nobody could take on the roles."
    }

    precondition {
      condition     = length("${local.id}-apply") <= 64
      error_message = "tenant-environment-stage-name must have at most 58 characters: IAM takes 64 for a role, here with -apply behind."
    }
  }
}
