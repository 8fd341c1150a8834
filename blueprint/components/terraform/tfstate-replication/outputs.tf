output "role_arn" {
  description = "ARN of the role that copies."
  value       = aws_iam_role.replication.arn
}
