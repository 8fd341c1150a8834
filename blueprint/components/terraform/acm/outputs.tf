output "certificate_arn" {
  description = "ARN of the certificate, known only when it is valid."
  value       = local.issued ? aws_acm_certificate_validation.this[0].certificate_arn : aws_acm_certificate.imported[0].arn
}

output "alarm_arn" {
  description = "ARN of the alarm before expiry."
  value       = aws_cloudwatch_metric_alarm.expiry.arn
}
