output "load_balancer_arn" {
  description = "ARN of the load balancer."
  value       = aws_lb.this.arn
}

output "dns_name" {
  description = "Name under which AWS serves the load balancer; point alias records at it."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Id of the Route 53 zone of that name, for alias records."
  value       = aws_lb.this.zone_id
}

output "https_listener_arn" {
  description = "ARN of the HTTPS listener."
  value       = aws_lb_listener.https.arn
}

output "target_group_arns" {
  description = "ARNs of the target groups, by name."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn }
}

output "web_acl_arn" {
  description = "ARN of the firewall's rules."
  value       = aws_wafv2_web_acl.this.arn
}

output "log_bucket_name" {
  description = "Name of the bucket with access and connection logs."
  value       = aws_s3_bucket.logs.bucket
}
