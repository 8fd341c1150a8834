locals {
  # What AWS itself says its control plane and nodes need. The network plug-in works before any add-on could give it a
  # role of its own, hence its policy is here.
  cluster_policies = ["AmazonEKSClusterPolicy"]
  node_policies    = ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonSSMManagedInstanceCore"]
}

resource "aws_iam_role" "cluster" {
  name                 = "${local.id}-cluster"
  description          = "Control plane of ${local.id}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "ControlPlane", Effect = "Allow", Principal = { Service = "eks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })

  lifecycle {
    precondition {
      condition     = length("${local.id}-cluster") <= 64
      error_message = "tenant-environment-stage-name must have at most 56 characters: IAM takes 64 for a role, here with -cluster behind."
    }
  }
}

resource "aws_iam_role_policy_attachment" "cluster" {
  for_each   = toset(local.cluster_policies)
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.key}"
}

resource "aws_iam_role_policy" "cluster" {
  name = "secrets-key"
  role = aws_iam_role.cluster.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "SecretsOfTheCluster", Effect = "Allow", Action = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"], Resource = var.key_arn },
      { Sid = "GrantToAws", Effect = "Allow", Action = "kms:CreateGrant", Resource = var.key_arn, Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } } },
    ]
  })
}

resource "aws_iam_role" "node" {
  name                 = "${local.id}-node"
  description          = "Nodes of ${local.id}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Nodes", Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each   = toset(local.node_policies)
  role       = aws_iam_role.node.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.key}"
}
