# GitHub says which repository and branch a workflow runs for; no key is stored anywhere.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.github == null ? 0 : 1

  url            = "https://token.actions.githubusercontent.com"
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
      Principal = { Federated = aws_iam_openid_connect_provider.github[0].arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:${var.github.repository}:ref:refs/heads/${var.github.branch}"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "ci" {
  for_each = { for kind, statements in local.resource_management : kind => statements if var.github != null }

  role       = aws_iam_role.ci[0].name
  policy_arn = aws_iam_policy.resource_management[each.key].arn
}
