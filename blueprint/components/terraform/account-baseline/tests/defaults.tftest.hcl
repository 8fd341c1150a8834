mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_s3_bucket" {
    defaults        = { arn = "arn:aws:s3:::mock" }
    override_during = plan
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults        = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
    override_during = plan
  }

  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::123456789012:role/mock" }
    override_during = plan
  }
}

variables {
  tenant      = "acme"
  environment = "use1"
  stage       = "dev"
  region      = "us-east-1"
  name        = "photos"
  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "dev"
    service     = "photos"
  }
  key_arn          = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  alarm_topic_arns = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-security"]
}

run "everything_is_recorded_everywhere" {
  command = plan

  assert {
    condition     = aws_cloudtrail.this[0].is_multi_region_trail && aws_cloudtrail.this[0].enable_log_file_validation && aws_cloudtrail.this[0].include_global_service_events && aws_cloudtrail.this[0].kms_key_id == var.key_arn
    error_message = "the trail must cover every region, be encrypted and show changes"
  }

  assert {
    condition     = one(aws_config_configuration_recorder.this.recording_group).all_supported && aws_config_configuration_recorder_status.this.is_enabled
    error_message = "Config must record everything"
  }

  assert {
    condition     = aws_guardduty_detector.this.enable && aws_accessanalyzer_analyzer.this.type == "ACCOUNT"
    error_message = "GuardDuty and Access Analyzer must be on"
  }

  assert {
    condition     = length(aws_config_config_rule.this) == 11 && length(aws_guardduty_detector_feature.this) == 5
    error_message = "the usual rules and features must be on"
  }
}

run "what_the_trail_shows_rings" {
  command = plan

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.trail)) == toset(["key-being-removed", "root-used", "sign-ins-refused", "signed-in-bare", "watching-stopped"])
    error_message = "each of these must be heard of"
  }

  assert {
    condition     = alltrue([for name, alarm in aws_cloudwatch_metric_alarm.trail : alarm.alarm_actions == toset(var.alarm_topic_arns) && alarm.namespace == one(aws_cloudwatch_log_metric_filter.trail[name].metric_transformation).namespace && alarm.metric_name == one(aws_cloudwatch_log_metric_filter.trail[name].metric_transformation).name])
    error_message = "each must count what its filter finds, and go to the topics"
  }
}

run "findings_come_together_and_are_held_to_two_standards" {
  command = plan

  assert {
    condition = toset([for one in aws_securityhub_standards_subscription.this : one.standards_arn]) == toset([
      "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0",
      "arn:aws:securityhub:us-east-1::standards/cis-aws-foundations-benchmark/v/3.0.0",
    ]) && !aws_securityhub_account.this.enable_default_standards
    error_message = "FSBP and CIS must be followed, and nothing that nobody chose"
  }
}

run "a_further_region_has_what_a_region_needs_and_no_more" {
  command = plan

  variables {
    stage       = "prod"
    environment = "euw1"
    region      = "eu-west-1"
    main_region = false
    log_bucket  = "acme-prod-tfstate-euw1-logs"
  }

  assert {
    condition     = length(aws_cloudtrail.this) + length(aws_cloudwatch_metric_alarm.trail) + length(aws_cloudwatch_log_group.trail) + length(aws_iam_role.trail) + length(aws_iam_account_password_policy.this) + length(aws_s3_account_public_access_block.this) == 0
    error_message = "what the account has once must not be made again"
  }

  assert {
    condition     = aws_guardduty_detector.this.enable && aws_config_configuration_recorder_status.this.is_enabled && aws_ebs_encryption_by_default.this.enabled && aws_accessanalyzer_analyzer.this.type == "ACCOUNT" && length(aws_securityhub_standards_subscription.this) == 2
    error_message = "the region must be watched like the main one"
  }

  assert {
    condition     = !one(aws_config_configuration_recorder.this.recording_group).include_global_resource_types && length(aws_config_config_rule.this) == 7
    error_message = "identities are the account's, and recorded and judged once"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.audit.policy).Statement[*].Sid == ["TlsOnly", "ConfigLooks"]
    error_message = "no trail may write here"
  }
}

run "defaults_are_safe" {
  command = plan

  assert {
    condition     = aws_ebs_encryption_by_default.this.enabled && aws_ebs_default_kms_key.this.key_arn == var.key_arn
    error_message = "new disks must be encrypted"
  }

  assert {
    condition     = aws_s3_account_public_access_block.this[0].block_public_acls && aws_s3_account_public_access_block.this[0].block_public_policy && aws_s3_account_public_access_block.this[0].ignore_public_acls && aws_s3_account_public_access_block.this[0].restrict_public_buckets
    error_message = "nothing may be public"
  }

  assert {
    condition     = aws_iam_account_password_policy.this[0].minimum_password_length >= 14 && aws_iam_account_password_policy.this[0].password_reuse_prevention == 24
    error_message = "passwords must be as CIS wants them"
  }
}

run "the_audit_bucket_is_closed" {
  command = plan

  assert {
    condition     = aws_s3_bucket_public_access_block.audit.restrict_public_buckets && aws_s3_bucket_versioning.audit.versioning_configuration[0].status == "Enabled"
    error_message = "the bucket must be private and keep versions"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.audit.policy).Statement[0].Effect == "Deny"
    error_message = "requests without TLS must be refused"
  }

  assert {
    condition = { for s in jsondecode(aws_s3_bucket_policy.audit.policy).Statement : s.Sid => s.Condition.StringEquals if s.Effect == "Allow" } == {
      ConfigLooks = { "aws:SourceAccount" = "123456789012" }
      TrailLooks  = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:123456789012:trail/acme-use1-dev-photos" }
      TrailWrites = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:123456789012:trail/acme-use1-dev-photos" }
    }
    error_message = "services may look and write for this account and trail only"
  }

  assert {
    condition     = aws_s3_bucket.audit.tags == var.tags && aws_cloudtrail.this[0].tags == var.tags && aws_guardduty_detector.this.tags == var.tags
    error_message = "everything must carry the tags"
  }
}

run "who_reads_the_trail_is_logged" {
  command = plan

  variables {
    stage      = "prod"
    log_bucket = "acme-prod-tfstate-logs"
  }

  assert {
    condition     = [for one in aws_s3_bucket_logging.audit : "${one.target_bucket}/${one.target_prefix}"] == ["acme-prod-tfstate-logs/buckets/acme-use1-prod-photos-123456789012-audit/"]
    error_message = "logs must come to a folder of the bucket's own"
  }
}
