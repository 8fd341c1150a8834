mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/addon" }
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-shop"
    tenant      = "acme"
    stage       = "prod"
    service     = "shop"
  }
  cluster_name   = "acme-use1-prod-apps"
  volume_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
}

run "aws_manages_five_addons" {
  command = plan

  assert {
    condition     = keys(aws_eks_addon.this) == ["aws-ebs-csi-driver", "coredns", "kube-proxy", "vpc-cni"] && aws_eks_addon.agent.addon_name == "eks-pod-identity-agent"
    error_message = "network, DNS, proxy, disks and identities must be managed"
  }

  assert {
    condition     = jsondecode(aws_eks_addon.this["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "network policies must be enforced"
  }

  assert {
    condition     = jsondecode(aws_eks_addon.this["coredns"].configuration_values).replicaCount == 3 && jsondecode(aws_eks_addon.this["coredns"].configuration_values).topologySpreadConstraints[0].topologyKey == "topology.kubernetes.io/zone"
    error_message = "names must be resolved in every zone"
  }

  assert {
    condition     = tolist(aws_eks_addon.this["aws-ebs-csi-driver"].pod_identity_association)[0].service_account == "ebs-csi-controller-sa" && tolist(aws_eks_addon.this["vpc-cni"].pod_identity_association)[0].service_account == "aws-node" && length(aws_eks_addon.this["coredns"].pod_identity_association) == 0
    error_message = "only those that change AWS may have a role"
  }

  assert {
    condition     = aws_eks_addon.this["coredns"].tags == var.tags
    error_message = "add-ons must carry the tags"
  }
}

run "versions_are_kept_when_named" {
  command = plan

  variables {
    addon_versions = { coredns = "v1.11.4-eksbuild.2" }
  }

  assert {
    condition     = aws_eks_addon.this["coredns"].addon_version == "v1.11.4-eksbuild.2"
    error_message = "the named version must be used"
  }
}

run "roles_are_for_pods_of_this_cluster" {
  command = plan

  assert {
    condition = alltrue([for role in aws_iam_role.this : jsondecode(role.assume_role_policy).Statement[0].Principal.Service == "pods.eks.amazonaws.com" && jsondecode(role.assume_role_policy).Statement[0].Condition == {
      StringEquals = { "aws:SourceAccount" = "123456789012" }
      ArnEquals    = { "aws:SourceArn" = "arn:aws:eks:us-east-1:123456789012:cluster/acme-use1-prod-apps" }
    }])
    error_message = "no pod of another cluster may take a role"
  }

  assert {
    condition     = keys(aws_iam_role.this) == ["aws-ebs-csi-driver", "vpc-cni"]
    error_message = "there must be no role for what is not enabled"
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.this["aws-ebs-csi-driver"].policy).Statement : statement.Resource == [var.volume_key_arn]])
    error_message = "disks must be encrypted with one key"
  }
}

run "secrets_are_read_one_by_one" {
  command = plan

  variables {
    addons = {
      external_secrets = {
        enabled     = true
        secret_arns = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-prod-shop-??????"]
        key_arns    = ["arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
      }
    }
  }

  assert {
    condition = jsonencode([for statement in jsondecode(aws_iam_role_policy.this["external-secrets"].policy).Statement : [statement.Action, statement.Resource]]) == jsonencode([
      [["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], ["arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-prod-shop-??????"]],
      [["kms:Decrypt"], ["arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"]],
    ])
    error_message = "exactly the named secrets and keys may be read"
  }

  assert {
    condition     = aws_eks_pod_identity_association.this["external-secrets"].namespace == "external-secrets" && output.gitops.addons["external-secrets"].role_arn == aws_iam_role.this["external-secrets"].arn
    error_message = "the controller must get the role, and the renderer must know it"
  }
}

run "logs_are_kept_in_one_bucket" {
  command = plan

  variables {
    addons = { loki = { enabled = true, bucket = "acme-use1-prod-logs", key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" } }
  }

  assert {
    condition     = flatten(jsondecode(aws_iam_role_policy.this["loki"].policy).Statement[*].Resource) == ["arn:aws:s3:::acme-use1-prod-logs", "arn:aws:s3:::acme-use1-prod-logs/*", "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"]
    error_message = "Loki must reach one bucket and its key"
  }

  assert {
    condition     = jsonencode(output.gitops.addons) == jsonencode({ loki = { bucket = "acme-use1-prod-logs", key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555", namespace = "monitoring", replicas = 3, retention_days = 30, role_arn = aws_iam_role.this["loki"].arn, service_account = "loki" } })
    error_message = "the renderer must get exactly what is enabled"
  }
}

run "production_is_highly_available" {
  command = plan

  variables {
    addons = {
      argocd     = { enabled = true, ingress = { host = "argocd.example.com" } }
      backstage  = { enabled = true, image = "registry.example.com/portal:1.4.0", ingress = { host = "portal.example.com" }, database = { host = "db.example.com", secret = "portal-database" } }
      prometheus = { enabled = true, retention = "30d", storage = "200Gi" }
      grafana    = { enabled = true }
      jaeger     = { enabled = true, storage = "opensearch", endpoint = "https://search.example.com" }
      gatekeeper = { enabled = true }
      flagger    = { enabled = true }
    }
  }

  assert {
    condition     = alltrue([for addon in output.gitops.addons : addon.replicas >= 2]) && output.gitops.addons.argocd.ha && output.gitops.addons.argocd.replicas == 3
    error_message = "nothing may hang on one node"
  }

  assert {
    condition     = keys(output.gitops.addons) == ["argocd", "backstage", "flagger", "gatekeeper", "grafana", "jaeger", "prometheus"]
    error_message = "the renderer must get what is enabled and nothing else"
  }

  assert {
    condition     = output.gitops.addons.argocd.ingress.internal && output.gitops.addons.argocd.rbac.default_role == "" && output.gitops.addons.prometheus.storage == "200Gi" && output.gitops.addons.gatekeeper.enforcement == "deny"
    error_message = "what nobody says must be the safe thing"
  }
}

run "development_is_cheap" {
  command = plan

  variables {
    stage  = "dev"
    addons = { argocd = { enabled = true }, jaeger = { enabled = true } }
  }

  assert {
    condition     = output.gitops.addons.argocd.replicas == 1 && !output.gitops.addons.argocd.ha && output.gitops.addons.jaeger.storage == "memory"
    error_message = "one replica must do in development"
  }
}
