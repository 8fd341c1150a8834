output "endpoint" {
  description = "Host name of the writer."
  value       = local.aurora ? one(aws_rds_cluster.this[*].endpoint) : one(aws_db_instance.this[*].address)
}

output "reader_endpoint" {
  description = "Host name of the readers; the writer's where there are none."
  value       = local.aurora ? one(aws_rds_cluster.this[*].reader_endpoint) : one(aws_db_instance.this[*].address)
}

output "port" {
  description = "Port of the database."
  value       = local.aurora ? one(aws_rds_cluster.this[*].port) : one(aws_db_instance.this[*].port)
}

output "arn" {
  description = "ARN of the database or cluster."
  value       = local.aurora ? one(aws_rds_cluster.this[*].arn) : one(aws_db_instance.this[*].arn)
}

output "identifier" {
  description = "Identifier of the database or cluster, as alarms name it."
  value       = local.id
}

output "master_user_secret_arn" {
  description = "ARN of the secret that holds the master password."
  value       = local.aurora ? one(aws_rds_cluster.this[*].master_user_secret[0].secret_arn) : one(aws_db_instance.this[*].master_user_secret[0].secret_arn)
}
