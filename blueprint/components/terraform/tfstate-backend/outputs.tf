output "bucket_name" {
  description = "Name of the bucket that holds the state."
  value       = aws_s3_bucket.state.bucket
}

output "bucket_arn" {
  description = "ARN of the bucket that holds the state."
  value       = aws_s3_bucket.state.arn
}

output "log_bucket_name" {
  description = "Name of the bucket that takes the access logs of other buckets of the account and region (their log_bucket)."
  value       = aws_s3_bucket.logs.bucket
}

output "key_arn" {
  description = "ARN of the key that encrypts the state."
  value       = aws_kms_key.state.arn
}

output "backend" {
  description = "The backend.s3 section of a stack's manifest that keeps its state here."
  value = {
    bucket       = aws_s3_bucket.state.bucket
    region       = var.region
    encrypt      = true
    kms_key_id   = aws_kms_key.state.arn
    use_lockfile = true
  }
}
