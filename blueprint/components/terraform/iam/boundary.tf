# The most that any role of the stack can ever do, whatever policies somebody attaches to it.
locals {
  workload = [
    {
      Sid      = "Objects"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      Resource = "arn:${local.partition}:s3:::${local.prefix}-*/*"
    },
    {
      Sid      = "ListBuckets"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
      Resource = "arn:${local.partition}:s3:::${local.prefix}-*"
    },
    {
      Sid    = "TablesQueuesTopics"
      Effect = "Allow"
      Action = [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "sns:Publish",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
      ]
      Resource = flatten([for region in var.regions : [
        "arn:${local.partition}:dynamodb:${region}:${local.account}:table/${local.prefix}-*",
        "arn:${local.partition}:secretsmanager:${region}:${local.account}:secret:${local.prefix}-*",
        "arn:${local.partition}:sns:${region}:${local.account}:${local.prefix}-*",
        "arn:${local.partition}:sqs:${region}:${local.account}:${local.prefix}-*",
      ]])
    },
    {
      Sid       = "Keys"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource  = [for region in var.regions : "arn:${local.partition}:kms:${region}:${local.account}:key/*"]
      Condition = { StringEquals = local.of_stack }
    },
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [for region in var.regions : "arn:${local.partition}:logs:${region}:${local.account}:log-group:*"]
    },
    {
      # AWS knows no resource level for traces and metrics.
      Sid       = "Telemetry"
      Effect    = "Allow"
      Action    = ["cloudwatch:PutMetricData", "xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      Resource  = "*"
      Condition = local.in_region
    },
  ]
}

resource "aws_iam_policy" "boundary" {
  name        = "${local.id}-boundary"
  description = "The most that a role of ${local.prefix} can do"
  tags        = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.workload,
      [for statement in local.resource_management : {
        Sid       = "Manage${statement.Sid}"
        Effect    = "Allow"
        Action    = statement.Action
        Resource  = statement.Resource
        Condition = try(statement.Condition, local.in_region)
      }],
      [{
        Sid    = "NoMoreRights"
        Effect = "Deny"
        Action = [
          "iam:AddUserToGroup",
          "iam:AttachGroupPolicy",
          "iam:AttachRolePolicy",
          "iam:AttachUserPolicy",
          "iam:CreateAccessKey",
          "iam:CreateLoginProfile",
          "iam:CreatePolicyVersion",
          "iam:CreateRole",
          "iam:CreateUser",
          "iam:DeleteRolePermissionsBoundary",
          "iam:DeleteUserPermissionsBoundary",
          "iam:PutGroupPolicy",
          "iam:PutRolePermissionsBoundary",
          "iam:PutRolePolicy",
          "iam:PutUserPermissionsBoundary",
          "iam:PutUserPolicy",
          "iam:SetDefaultPolicyVersion",
          "iam:UpdateAssumeRolePolicy",
          "organizations:LeaveOrganization",
        ]
        Resource = "*"
      }],
    )
  })
}
