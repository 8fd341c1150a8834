output "vault_arn" {
  description = "ARN of the vault, also for another region's copies."
  value       = aws_backup_vault.this.arn
}

output "vault_name" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}

output "plan_id" {
  description = "Id of the plan."
  value       = aws_backup_plan.this.id
}
