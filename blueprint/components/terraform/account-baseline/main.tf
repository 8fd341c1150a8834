data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  bucket    = "${local.id}-${local.account}-audit"
  # The trail covers every region, so the account has one.
  trails = var.main_region ? 1 : 0
  # Written out, so that a preview shows the policies; attributes of what is new are known only after apply.
  audit_arn      = "arn:${local.partition}:s3:::${local.bucket}"
  trail_arn      = "arn:${local.partition}:cloudtrail:${var.region}:${local.account}:trail/${local.id}"
  trail_logs     = "/aws/cloudtrail/${local.id}"
  trail_logs_arn = "arn:${local.partition}:logs:${var.region}:${local.account}:log-group:${local.trail_logs}"
}

# Passwords of people who still have one: long, never used before, gone after a quarter. The account's, so once.
resource "aws_iam_account_password_policy" "this" {
  count = var.main_region ? 1 : 0

  minimum_password_length        = 14
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  allow_users_to_change_password = true
  max_password_age               = 90
  password_reuse_prevention      = 24
}

resource "aws_ebs_encryption_by_default" "this" {
  enabled = true
}

resource "aws_ebs_default_kms_key" "this" {
  key_arn = var.key_arn
}

# Whatever a bucket says, nothing in the account is public. The account's too.
resource "aws_s3_account_public_access_block" "this" {
  count = var.main_region ? 1 : 0

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Finds what somebody outside can reach.
resource "aws_accessanalyzer_analyzer" "this" {
  analyzer_name = local.id
  type          = "ACCOUNT"
  tags          = var.tags
}

resource "aws_guardduty_detector" "this" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
  tags                         = var.tags
}

resource "aws_guardduty_detector_feature" "this" {
  for_each = toset(var.guardduty_features)

  detector_id = aws_guardduty_detector.this.id
  name        = each.key
  status      = "ENABLED"
}

# What all of them find, in one place, held to what AWS and the CIS ask for.
resource "aws_securityhub_account" "this" {
  enable_default_standards = false
  auto_enable_controls     = true

  # Its checks read what Config records.
  depends_on = [aws_config_configuration_recorder_status.this]
}

resource "aws_securityhub_standards_subscription" "this" {
  for_each = toset(var.security_standards)

  standards_arn = "arn:${local.partition}:securityhub:${var.region}::standards/${each.key}"

  depends_on = [aws_securityhub_account.this]
}
