locals {
  issued   = var.source_of_certificate == "issued"
  imported = var.source_of_certificate == "imported"

  # A name and its wildcard are proven by the same record.
  proven = local.issued ? distinct([for domain in concat([var.domain_name], var.subject_alternative_names) : trimprefix(domain, "*.")]) : []

  certificate_arn = local.issued ? aws_acm_certificate.issued[0].arn : aws_acm_certificate.imported[0].arn
}

resource "aws_acm_certificate" "issued" {
  count                     = local.issued ? 1 : 0
  domain_name               = var.domain_name
  subject_alternative_names = var.subject_alternative_names
  validation_method         = "DNS"
  key_algorithm             = var.key_algorithm
  tags                      = merge(var.tags, { Name = local.id })

  options {
    certificate_transparency_logging_preference = "ENABLED"
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.domain_name != null && var.zone_id != null
      error_message = "an issued certificate needs domain_name and the zone_id of the zone in which it is proven."
    }
  }
}

resource "aws_route53_record" "proof" {
  for_each        = toset(local.proven)
  zone_id         = var.zone_id
  name            = one(distinct([for option in aws_acm_certificate.issued[0].domain_validation_options : option.resource_record_name if trimprefix(option.domain_name, "*.") == each.key]))
  type            = one(distinct([for option in aws_acm_certificate.issued[0].domain_validation_options : option.resource_record_type if trimprefix(option.domain_name, "*.") == each.key]))
  records         = distinct([for option in aws_acm_certificate.issued[0].domain_validation_options : option.resource_record_value if trimprefix(option.domain_name, "*.") == each.key])
  ttl             = 300
  allow_overwrite = false
}

# Done when AWS has seen the records, so nobody is given a certificate that is not yet valid.
resource "aws_acm_certificate_validation" "this" {
  count                   = local.issued ? 1 : 0
  certificate_arn         = aws_acm_certificate.issued[0].arn
  validation_record_fqdns = [for record in aws_route53_record.proof : record.fqdn]
}

resource "aws_acm_certificate" "imported" {
  count             = local.imported ? 1 : 0
  certificate_body  = var.certificate_body
  private_key       = var.private_key
  certificate_chain = var.certificate_chain
  tags              = merge(var.tags, { Name = local.id })

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = nonsensitive(var.certificate_body != null && var.private_key != null)
      error_message = "an imported certificate needs certificate_body and private_key."
    }
  }
}

# AWS renews what it issued 60 days ahead, so an alarm there means that a record is gone. What was imported nobody renews.
# An expired certificate reports nothing more, hence missing data is the alarm too.
resource "aws_cloudwatch_metric_alarm" "expiry" {
  alarm_name          = "${local.id}-certificate-expires"
  alarm_description   = "The certificate of ${local.id} expires in less than ${var.alarm_days} days: ${local.issued ? "its DNS records for validation are gone or wrong" : "import a new one"}."
  namespace           = "AWS/CertificateManager"
  metric_name         = "DaysToExpiry"
  dimensions          = { CertificateArn = local.certificate_arn }
  statistic           = "Minimum"
  period              = 86400
  evaluation_periods  = 1
  comparison_operator = "LessThanThreshold"
  threshold           = var.alarm_days
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
