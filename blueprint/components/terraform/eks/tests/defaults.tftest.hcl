mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_eks_cluster" {
    defaults = {
      arn                   = "arn:aws:eks:us-east-1:123456789012:cluster/acme-use1-prod-shop"
      identity              = [{ oidc = [{ issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/1" }] }]
      certificate_authority = [{ data = "bm9uZQ==" }]
    }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/eks" }
  }

  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0a1b2c3d", latest_version = 1 }
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
  kubernetes_version = "1.34"
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718", "subnet-2a1b2c3d4e5f60718"]
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"
  node_groups        = { general = { instance_types = ["m7i.large"], min_size = 3, max_size = 6 } }
  access_entries     = {}
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
}

run "the_api_is_private" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "the API must be reachable from inside only"
  }

  assert {
    condition     = aws_eks_cluster.this.name == "acme-use1-prod-shop" && aws_eks_cluster.this.tags == var.tags
    error_message = "the cluster must have its name and the tags"
  }
}

run "development_may_open_it_to_an_office" {
  command = plan

  variables {
    stage               = "dev"
    public_access_cidrs = ["203.0.113.0/24"]
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].endpoint_private_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "it must be open to the named range, and from inside as before"
  }
}

run "secrets_and_logs_are_encrypted" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == var.key_arn
    error_message = "secrets must be encrypted with the given key"
  }

  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    error_message = "all control-plane logs must be on"
  }

  assert {
    condition     = aws_cloudwatch_log_group.cluster.kms_key_id == var.key_arn && aws_cloudwatch_log_group.cluster.retention_in_days == 365 && aws_cloudwatch_log_group.cluster.name == "/aws/eks/acme-use1-prod-shop/cluster"
    error_message = "logs must be encrypted, kept for a year, and be where AWS writes them"
  }
}

run "access_is_by_entries_alone" {
  command = plan

  variables {
    access_entries = {
      platform  = { principal_arn = "arn:aws:iam::123456789012:role/platform", policies = { AmazonEKSClusterAdminPolicy = [] } }
      team-shop = { principal_arn = "arn:aws:iam::123456789012:role/shop", kubernetes_groups = ["shop"], policies = { AmazonEKSEditPolicy = ["shop"], AmazonEKSViewPolicy = ["shop-jobs"] } }
    }
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "no ConfigMap and no creator may give rights"
  }

  assert {
    condition = jsonencode({ for name, one in aws_eks_access_policy_association.this : name => [one.principal_arn, one.policy_arn, one.access_scope[0].type, one.access_scope[0].namespaces] }) == jsonencode({
      "platform/AmazonEKSClusterAdminPolicy" = ["arn:aws:iam::123456789012:role/platform", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", "cluster", null]
      "team-shop/AmazonEKSEditPolicy"        = ["arn:aws:iam::123456789012:role/shop", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy", "namespace", ["shop"]]
      "team-shop/AmazonEKSViewPolicy"        = ["arn:aws:iam::123456789012:role/shop", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", "namespace", ["shop-jobs"]]
    })
    error_message = "each policy must be for its role and its namespaces"
  }
}

run "pods_cannot_take_the_identity_of_a_node" {
  command = plan

  assert {
    condition     = aws_launch_template.this["general"].metadata_options[0].http_tokens == "required" && aws_launch_template.this["general"].metadata_options[0].http_put_response_hop_limit == 1
    error_message = "IMDSv2 with one hop must be required"
  }

  assert {
    condition     = alltrue([for disk in aws_launch_template.this["general"].block_device_mappings : disk.ebs[0].encrypted == "true"]) && aws_launch_template.this["general"].key_name == null
    error_message = "disks must be encrypted, and there must be no SSH key"
  }

  assert {
    condition     = aws_launch_template.this["general"].block_device_mappings[1].device_name == "/dev/xvdb" && aws_launch_template.this["general"].block_device_mappings[1].ebs[0].volume_size == 50
    error_message = "Bottlerocket keeps containers on its second disk"
  }

  assert {
    condition     = length(aws_launch_template.this["general"].tag_specifications) == 3
    error_message = "instances, disks and network interfaces must carry the tags"
  }

  assert {
    condition     = aws_eks_node_group.this["general"].launch_template[0].id == aws_launch_template.this["general"].id
    error_message = "the group must use its template"
  }
}

run "node_groups_span_all_zones" {
  command = plan

  assert {
    condition     = aws_eks_node_group.this["general"].subnet_ids == toset(var.subnet_ids) && aws_eks_cluster.this.vpc_config[0].subnet_ids == toset(var.subnet_ids)
    error_message = "control plane and nodes must be in every zone"
  }

  assert {
    condition     = aws_eks_node_group.this["general"].scaling_config[0].min_size >= length(var.subnet_ids) && aws_eks_node_group.this["general"].update_config[0].max_unavailable_percentage == 33 && aws_eks_node_group.this["general"].node_repair_config[0].enabled
    error_message = "each zone must have a node, few may be away at once, and ill ones are replaced"
  }

  assert {
    condition     = aws_eks_node_group.this["general"].ami_type == "BOTTLEROCKET_x86_64" && aws_eks_node_group.this["general"].version == "1.34" && aws_eks_cluster.this.zonal_shift_config[0].enabled
    error_message = "nodes must run the cluster's version, and traffic must be movable out of a zone"
  }
}

run "roles_are_what_aws_asks_for" {
  command = plan

  assert {
    condition     = sort(keys(aws_iam_role_policy_attachment.node)) == tolist(["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonSSMManagedInstanceCore"]) && keys(aws_iam_role_policy_attachment.cluster) == ["AmazonEKSClusterPolicy"]
    error_message = "no further policy may be attached"
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.cluster.policy).Statement : statement.Resource == var.key_arn])
    error_message = "the control plane must use one key only"
  }
}
