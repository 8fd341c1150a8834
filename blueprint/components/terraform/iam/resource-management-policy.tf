# What Terraform needs to manage a stack's resources: named actions instead of ec2:*, s3:* and rds:*, held to the
# region and to what bears the stack's tags or names. Two policies, because AWS takes 6144 characters in one.
locals {
  resource_management = { network = local.network_management, data = local.data_management }

  network_management = [
    {
      # Describing cannot be held to a resource: AWS knows no resource level for these actions.
      Sid    = "Look"
      Effect = "Allow"
      Action = [
        "ec2:DescribeAddresses",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeFlowLogs",
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribePrefixLists",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeTags",
        "ec2:DescribeVolumes",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
      ]
      Resource  = "*"
      Condition = local.in_region
    },
    {
      Sid    = "Ec2Create"
      Effect = "Allow"
      Action = [
        "ec2:AllocateAddress",
        "ec2:CreateFlowLogs",
        "ec2:CreateInternetGateway",
        "ec2:CreateLaunchTemplate",
        "ec2:CreateNatGateway",
        "ec2:CreateNetworkAcl",
        "ec2:CreateRouteTable",
        "ec2:CreateSecurityGroup",
        "ec2:CreateSubnet",
        "ec2:CreateVolume",
        "ec2:CreateVpc",
        "ec2:CreateVpcEndpoint",
        "ec2:RunInstances",
      ]
      Resource  = local.ec2_resources
      Condition = { StringEquals = local.for_stack }
    },
    {
      # What a new resource is put into, or made from, must be the stack's own; images belong to others.
      Sid    = "Ec2CreateWithin"
      Effect = "Allow"
      Action = [
        "ec2:CreateFlowLogs",
        "ec2:CreateNatGateway",
        "ec2:CreateNetworkAcl",
        "ec2:CreateRouteTable",
        "ec2:CreateSecurityGroup",
        "ec2:CreateSubnet",
        "ec2:CreateVpcEndpoint",
        "ec2:RunInstances",
      ]
      Resource  = local.ec2_resources
      Condition = { StringEquals = local.of_stack }
    },
    {
      Sid      = "Ec2Images"
      Effect   = "Allow"
      Action   = ["ec2:RunInstances"]
      Resource = local.ec2_images
    },
    {
      Sid       = "Ec2TagWhatIsMade"
      Effect    = "Allow"
      Action    = ["ec2:CreateTags"]
      Resource  = local.ec2_resources
      Condition = { StringEquals = merge(local.for_stack, { "ec2:CreateAction" = local.tagging_actions }) }
    },
    {
      Sid    = "Ec2Manage"
      Effect = "Allow"
      Action = [
        "ec2:AssociateAddress",
        "ec2:AssociateRouteTable",
        "ec2:AttachInternetGateway",
        "ec2:AttachVolume",
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateLaunchTemplateVersion",
        "ec2:CreateNetworkAclEntry",
        "ec2:CreateRoute",
        "ec2:DeleteFlowLogs",
        "ec2:DeleteInternetGateway",
        "ec2:DeleteLaunchTemplate",
        "ec2:DeleteNatGateway",
        "ec2:DeleteNetworkAcl",
        "ec2:DeleteNetworkAclEntry",
        "ec2:DeleteRoute",
        "ec2:DeleteRouteTable",
        "ec2:DeleteSecurityGroup",
        "ec2:DeleteSubnet",
        "ec2:DeleteVolume",
        "ec2:DeleteVpc",
        "ec2:DeleteVpcEndpoints",
        "ec2:DetachInternetGateway",
        "ec2:DetachVolume",
        "ec2:DisassociateAddress",
        "ec2:DisassociateRouteTable",
        "ec2:ModifyInstanceAttribute",
        "ec2:ModifyLaunchTemplate",
        "ec2:ModifySecurityGroupRules",
        "ec2:ModifySubnetAttribute",
        "ec2:ModifyVolume",
        "ec2:ModifyVpcAttribute",
        "ec2:ModifyVpcEndpoint",
        "ec2:ReleaseAddress",
        "ec2:ReplaceNetworkAclAssociation",
        "ec2:ReplaceNetworkAclEntry",
        "ec2:ReplaceRoute",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
        "ec2:StartInstances",
        "ec2:StopInstances",
        "ec2:TerminateInstances",
      ]
      Resource  = local.ec2_resources
      Condition = { StringEquals = local.of_stack }
    },
  ]

  data_management = [
    {
      # As for networks: no resource level.
      Sid       = "Look"
      Effect    = "Allow"
      Action    = ["rds:DescribeDBEngineVersions", "rds:DescribeOrderableDBInstanceOptions", "s3:ListAllMyBuckets"]
      Resource  = "*"
      Condition = local.in_region
    },
    {
      Sid    = "S3Buckets"
      Effect = "Allow"
      Action = [
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:PutBucketLogging",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
      ]
      Resource  = local.s3_resources
      Condition = { StringEquals = { "aws:ResourceAccount" = local.account } }
    },
    {
      Sid    = "RdsCreate"
      Effect = "Allow"
      Action = [
        "rds:AddTagsToResource",
        "rds:CreateDBCluster",
        "rds:CreateDBClusterParameterGroup",
        "rds:CreateDBInstance",
        "rds:CreateDBParameterGroup",
        "rds:CreateDBSubnetGroup",
      ]
      Resource  = local.rds_resources
      Condition = { StringEquals = local.for_stack }
    },
    {
      # A database names its groups, which are the stack's own, when it is made.
      Sid    = "RdsCreateWithin"
      Effect = "Allow"
      Action = ["rds:CreateDBCluster", "rds:CreateDBInstance"]
      Resource = flatten([for region in var.regions : [
        for kind in ["cluster", "cluster-pg", "pg", "subgrp"] : "arn:${local.partition}:rds:${region}:${local.account}:${kind}:${local.prefix}-*"
      ]])
    },
    {
      Sid    = "RdsManage"
      Effect = "Allow"
      Action = [
        "rds:DeleteDBCluster",
        "rds:DeleteDBClusterParameterGroup",
        "rds:DeleteDBInstance",
        "rds:DeleteDBParameterGroup",
        "rds:DeleteDBSubnetGroup",
        "rds:DescribeDBClusterParameterGroups",
        "rds:DescribeDBClusterParameters",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeDBParameterGroups",
        "rds:DescribeDBParameters",
        "rds:DescribeDBSubnetGroups",
        "rds:ListTagsForResource",
        "rds:ModifyDBCluster",
        "rds:ModifyDBClusterParameterGroup",
        "rds:ModifyDBInstance",
        "rds:ModifyDBParameterGroup",
        "rds:ModifyDBSubnetGroup",
        "rds:RebootDBInstance",
      ]
      Resource = local.rds_resources
    },
  ]

  tagging_actions = [
    "AllocateAddress", "CreateFlowLogs", "CreateInternetGateway", "CreateLaunchTemplate", "CreateNatGateway", "CreateNetworkAcl",
    "CreateRouteTable", "CreateSecurityGroup", "CreateSubnet", "CreateVolume", "CreateVpc", "CreateVpcEndpoint", "RunInstances",
  ]

  ec2_resources = [for region in var.regions : "arn:${local.partition}:ec2:${region}:${local.account}:*/*"]
  ec2_images    = [for region in var.regions : "arn:${local.partition}:ec2:${region}::image/ami-*"]
  s3_resources  = "arn:${local.partition}:s3:::${local.prefix}-*"
  rds_resources = flatten([for region in var.regions : [
    for kind in ["cluster", "cluster-pg", "db", "pg", "subgrp"] : "arn:${local.partition}:rds:${region}:${local.account}:${kind}:${local.prefix}-*"
  ]])
}

resource "aws_iam_policy" "resource_management" {
  for_each = local.resource_management

  name        = "${local.id}-${each.key}-management"
  description = "Manage the ${each.key == "network" ? "networks and machines" : "buckets and databases"} of ${local.prefix}, and nothing else"
  tags        = var.tags

  policy = jsonencode({ Version = "2012-10-17", Statement = each.value })
}
