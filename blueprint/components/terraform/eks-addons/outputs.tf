output "gitops" {
  description = "Everything that a renderer of Argo CD applications needs: the cluster, and each add-on that is enabled with its namespace, replicas and settings, and the service account and role of those that reach AWS."
  value = {
    cluster           = { name = var.cluster_name, region = var.region, stage = var.stage, tenant = var.tenant }
    highly_available  = local.highly_available
    volume_encryption = { key_arn = var.volume_key_arn }
    addons = {
      for name, settings in local.settings : replace(name, "_", "-") => merge(settings, {
        service_account = try(local.controllers[replace(name, "_", "-")].service_account, null)
        role_arn        = try(aws_iam_role.this[replace(name, "_", "-")].arn, null)
      }) if local.enabled[name]
    }
  }
}

output "role_arns" {
  description = "ARNs of the roles, by add-on."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}
