# Nodes are asked for their identity with a token (IMDSv2) that does not survive a second hop, so a pod cannot take it.
resource "aws_launch_template" "this" {
  for_each               = var.node_groups
  name                   = "${local.id}-${each.key}"
  description            = "Nodes of the group ${each.key} of ${local.id}"
  update_default_version = true
  tags                   = var.tags

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # Bottlerocket has its system on the first disk, and containers on the second; its size is that of the second.
  dynamic "block_device_mappings" {
    for_each = startswith(each.value.ami_type, "BOTTLEROCKET") ? { "/dev/xvda" = null, "/dev/xvdb" = each.value.disk_size } : { "/dev/xvda" = each.value.disk_size }

    content {
      device_name = block_device_mappings.key

      ebs {
        encrypted             = true
        kms_key_id            = var.volume_key_arn
        volume_type           = "gp3"
        volume_size           = block_device_mappings.value
        delete_on_termination = true
      }
    }
  }

  monitoring {
    enabled = true
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.value
      tags          = merge(var.tags, { Name = "${local.id}-${each.key}" })
    }
  }
}

resource "aws_eks_node_group" "this" {
  for_each               = var.node_groups
  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "${each.key}-"
  node_role_arn          = aws_iam_role.node.arn
  subnet_ids             = var.subnet_ids
  ami_type               = each.value.ami_type
  capacity_type          = each.value.capacity_type
  instance_types         = each.value.instance_types
  version                = var.kubernetes_version
  labels                 = each.value.labels
  tags                   = var.tags

  launch_template {
    id      = aws_launch_template.this[each.key].id
    version = aws_launch_template.this[each.key].latest_version
  }

  scaling_config {
    min_size     = each.value.min_size
    max_size     = each.value.max_size
    desired_size = each.value.min_size
  }

  update_config {
    max_unavailable_percentage = 33
  }

  node_repair_config {
    enabled = true
  }

  dynamic "taint" {
    for_each = each.value.taints

    content {
      key    = taint.key
      value  = taint.value.value
      effect = taint.value.effect
    }
  }

  lifecycle {
    # What cannot be changed in place is replaced: the new nodes come first.
    create_before_destroy = true
    # An autoscaler changes it all day.
    ignore_changes = [scaling_config[0].desired_size]

    precondition {
      condition     = var.stage != "prod" || each.value.min_size >= length(var.subnet_ids)
      error_message = "min_size must be at least the number of subnets in prod: a zone without a node takes over nothing from one that fails."
    }
  }

  # Nodes that lack a right never join, and AWS gives up after half an hour.
  depends_on = [aws_iam_role_policy_attachment.node]
}
