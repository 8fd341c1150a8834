output "audit_bucket_name" {
  description = "Name of the bucket with the trail and the configuration history."
  value       = aws_s3_bucket.audit.bucket
}

output "trail_arn" {
  description = "ARN of the trail; null where main_region is false."
  value       = one(aws_cloudtrail.this[*].arn)
}

output "trail_log_group_name" {
  description = "Name of the log group that the trail writes to, for metric filters; null where main_region is false."
  value       = one(aws_cloudwatch_log_group.trail[*].name)
}

output "detector_id" {
  description = "Id of the GuardDuty detector."
  value       = aws_guardduty_detector.this.id
}
