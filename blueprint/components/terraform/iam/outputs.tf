output "permissions_boundary_arn" {
  description = "ARN of the boundary that the role of every service must have."
  value       = aws_iam_policy.boundary.arn
}

output "platform_boundary_arn" {
  description = "ARN of the boundary that the roles of the platform itself must have: of clusters, backups, Config and logs."
  value       = aws_iam_policy.platform_boundary.arn
}

output "resource_management_policy_arns" {
  description = "ARNs of the policies that manage the stack's resources, by what they manage: network and data."
  value       = { for kind, policy in aws_iam_policy.resource_management : kind => policy.arn }
}

output "cross_account_role_arns" {
  description = "ARNs of the cross-account roles, by name."
  value       = { for name, role in aws_iam_role.cross_account : name => role.arn }
}

output "read_only_role_arn" {
  description = "ARN of the role that looks."
  value       = aws_iam_role.read_only.arn
}

output "break_glass_role_arn" {
  description = "ARN of the role for emergencies."
  value       = aws_iam_role.break_glass.arn
}

output "ci_role_arn" {
  description = "ARN of the role of GitHub workflows; null without one."
  value       = one(aws_iam_role.ci[*].arn)
}
