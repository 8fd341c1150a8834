data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
}

resource "aws_cloudwatch_log_group" "flow" {
  name              = "/aws/vpc/${local.id}/flow"
  retention_in_days = var.flow_log_retention_days
  kms_key_id        = var.key_arn
  tags              = var.tags
}

resource "aws_iam_role" "flow" {
  name                 = "${local.id}-flow-logs"
  description          = "Lets VPC flow logs of ${local.id} write to their log group"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "FlowLogsOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        # Flow logs have ids, not names, so the last part cannot be known.
        ArnLike = { "aws:SourceArn" = "arn:${local.partition}:ec2:${var.region}:${local.account}:vpc-flow-log/*" }
      }
    }]
  })

  lifecycle {
    precondition {
      condition     = length("${local.id}-flow-logs") <= 64
      error_message = "tenant-environment-stage-name must have at most 54 characters: IAM takes 64 for a role, here with -flow-logs behind."
    }
  }
}

resource "aws_iam_role_policy" "flow" {
  name = "write"
  role = aws_iam_role.flow.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "WriteToOneLogGroup"
      Effect = "Allow"
      Action = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      # AWS names a stream, one for each network interface, after the group: the star stands for streams of this group.
      Resource = [
        "arn:${local.partition}:logs:${var.region}:${local.account}:log-group:/aws/vpc/${local.id}/flow",
        "arn:${local.partition}:logs:${var.region}:${local.account}:log-group:/aws/vpc/${local.id}/flow:log-stream:*",
      ]
    }]
  })
}

resource "aws_flow_log" "this" {
  vpc_id                   = aws_vpc.this.id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flow.arn
  iam_role_arn             = aws_iam_role.flow.arn
  max_aggregation_interval = 60
  tags                     = merge(var.tags, { Name = local.id })

  depends_on = [aws_iam_role_policy.flow]
}
