locals {
  spread = [{
    maxSkew           = 1
    topologyKey       = "topology.kubernetes.io/zone"
    whenUnsatisfiable = "ScheduleAnyway"
    labelSelector     = { matchLabels = { "k8s-app" = "kube-dns" } }
  }]

  # What AWS runs in the cluster, and what differs from its defaults.
  managed = {
    coredns            = { replicaCount = local.highly_available ? 3 : 2, topologySpreadConstraints = local.spread }
    kube-proxy         = {}
    vpc-cni            = { enableNetworkPolicy = "true" }
    aws-ebs-csi-driver = { controller = { replicaCount = 2 } }
  }

  # The roles of those that change AWS, by their service accounts.
  identities = {
    vpc-cni            = "aws-node"
    aws-ebs-csi-driver = "ebs-csi-controller-sa"
  }
}

# The agent gives pods their roles, so it is there before anything that has one.
resource "aws_eks_addon" "agent" {
  cluster_name                = var.cluster_name
  addon_name                  = "eks-pod-identity-agent"
  addon_version               = lookup(var.addon_versions, "eks-pod-identity-agent", null)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = var.tags
}

resource "aws_eks_addon" "this" {
  for_each                    = local.managed
  cluster_name                = var.cluster_name
  addon_name                  = each.key
  addon_version               = lookup(var.addon_versions, each.key, null)
  configuration_values        = length(each.value) > 0 ? jsonencode(each.value) : null
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = var.tags

  dynamic "pod_identity_association" {
    for_each = { for name, account in local.identities : name => account if name == each.key }

    content {
      role_arn        = aws_iam_role.this[pod_identity_association.key].arn
      service_account = pod_identity_association.value
    }
  }

  depends_on = [aws_eks_addon.agent, aws_iam_role_policy.this, aws_iam_role_policy_attachment.this]
}

resource "aws_eks_pod_identity_association" "this" {
  for_each        = local.controllers
  cluster_name    = var.cluster_name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = aws_iam_role.this[each.key].arn
  tags            = var.tags

  depends_on = [aws_eks_addon.agent]
}
