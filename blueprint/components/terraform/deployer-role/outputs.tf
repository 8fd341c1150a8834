output "plan_role_arn" {
  description = "ARN of the role that plans."
  value       = aws_iam_role.this["plan"].arn
}

output "apply_role_arn" {
  description = "ARN of the role that applies."
  value       = aws_iam_role.this["apply"].arn
}
