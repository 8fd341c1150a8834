locals {
  github_issuer = "token.actions.githubusercontent.com"
  # Written out, so that a preview shows whom the role trusts; the attribute of a new provider is known only after apply.
  github_arn = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.github_issuer}"
}

# GitHub says which repository and branch a workflow runs for; no key is stored anywhere.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.github == null ? 0 : 1

  url            = "https://${local.github_issuer}"
  client_id_list = ["sts.amazonaws.com"]
  tags           = var.tags
}

resource "aws_iam_role" "ci" {
  count = var.github == null ? 0 : 1

  name                 = "${local.id}-ci"
  description          = "Workflows of ${var.github.repository} on ${var.github.branch}"
  max_session_duration = 3600
  permissions_boundary = aws_iam_policy.management_boundary.arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ThisRepositoryAndBranch"
      Effect    = "Allow"
      Principal = { Federated = local.github_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.github_issuer}:aud" = "sts.amazonaws.com"
          "${local.github_issuer}:sub" = "repo:${var.github.repository}:ref:refs/heads/${var.github.branch}"
        }
      }
    }]
  })

  # Whom the provider knows is asked only once there is one.
  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy_attachment" "ci" {
  for_each = { for kind, statements in local.resource_management : kind => statements if var.github != null }

  role       = aws_iam_role.ci[0].name
  policy_arn = aws_iam_policy.resource_management[each.key].arn
}
