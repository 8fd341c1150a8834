# The most that a role of the stack can ever do, whatever policies somebody attaches to it: one boundary for services, which
# use data, and one for people and CI, who manage resources. In one they would be longer than AWS takes. platform-boundary.tf
# has a third, for what the platform itself runs.
locals {
  workload = [
    {
      Sid      = "Objects"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      Resource = [for prefix in distinct(values(local.prefixes)) : "arn:${local.partition}:s3:::${prefix}-*/*"]
    },
    {
      Sid      = "ListBuckets"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
      Resource = [for prefix in distinct(values(local.prefixes)) : "arn:${local.partition}:s3:::${prefix}-*"]
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
      Resource = flatten([for region, prefix in local.prefixes : [
        "arn:${local.partition}:dynamodb:${region}:${local.account}:table/${prefix}-*",
        "arn:${local.partition}:secretsmanager:${region}:${local.account}:secret:${prefix}-*",
        "arn:${local.partition}:sns:${region}:${local.account}:${prefix}-*",
        "arn:${local.partition}:sqs:${region}:${local.account}:${prefix}-*",
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

  # What makes somebody, or gives somebody more than he has.
  more_rights = [
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
    "iam:UpdateLoginProfile",
    "organizations:LeaveOrganization",
  ]

  # The actions of the policies, each once, on whatever of its kind the stack has; the policies say under which conditions.
  # None of them is about identities, so nobody gives himself more.
  managed = {
    Look   = { on = "*", sids = ["Look"] }
    Ec2    = { on = local.ec2_resources, sids = ["Ec2Create", "Ec2CreateWithin", "Ec2TagWhatIsMade", "Ec2Manage"] }
    Images = { on = local.ec2_images, sids = ["Ec2Images"] }
    S3     = { on = local.s3_resources, sids = ["S3Buckets"] }
    Rds    = { on = local.rds_resources, sids = ["RdsCreate", "RdsCreateWithin", "RdsManage"] }
  }
  management = [for sid, one in local.managed : {
    Sid    = sid
    Effect = "Allow"
    Action = distinct(flatten([
      for statement in concat(local.network_management, local.data_management) : statement.Action if contains(one.sids, statement.Sid)
    ]))
    Resource  = one.on
    Condition = local.in_region
  }]
}

resource "aws_iam_policy" "boundary" {
  name        = "${local.of_regions}-boundary"
  path        = "/boundary/"
  description = "The most that a service can do in ${var.tenant}-${var.stage}"
  tags        = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.workload,
      [{
        Sid      = "NoMoreRights"
        Effect   = "Deny"
        Action   = local.more_rights
        Resource = "*"
      }],
    )
  })
}

resource "aws_iam_policy" "management_boundary" {
  name        = "${local.id}-management-boundary"
  description = "The most that a person or CI can do in ${local.prefix}"
  tags        = var.tags

  policy = jsonencode({ Version = "2012-10-17", Statement = local.management })
}
