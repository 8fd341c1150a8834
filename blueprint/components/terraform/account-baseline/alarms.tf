# What nobody does on a working day is heard within minutes of its being in the trail; Security Hub looks at the rest.
locals {
  alarms = {
    root-used         = { what = "Somebody is signed in as the root of the account.", over = 0, pattern = "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }" }
    signed-in-bare    = { what = "A user signed in to the console without MFA.", over = 0, pattern = "{ $.eventName = \"ConsoleLogin\" && $.additionalEventData.MFAUsed != \"Yes\" && $.userIdentity.type = \"IAMUser\" && $.responseElements.ConsoleLogin = \"Success\" }" }
    sign-ins-refused  = { what = "Sign-ins to the console were refused, more than 5 in 5 minutes.", over = 5, pattern = "{ $.eventName = \"ConsoleLogin\" && $.errorMessage = \"Failed authentication\" }" }
    watching-stopped  = { what = "Somebody changed or stopped what watches the account.", over = 0, pattern = "{ $.eventName = \"StopLogging\" || $.eventName = \"DeleteTrail\" || $.eventName = \"UpdateTrail\" || $.eventName = \"StopConfigurationRecorder\" || $.eventName = \"DeleteConfigurationRecorder\" || $.eventName = \"DeleteDeliveryChannel\" || $.eventName = \"DeleteDetector\" || $.eventName = \"DisableSecurityHub\" }" }
    key-being-removed = { what = "A key was disabled, or waits for its deletion.", over = 0, pattern = "{ $.eventSource = \"kms.amazonaws.com\" && ($.eventName = \"DisableKey\" || $.eventName = \"ScheduleKeyDeletion\") }" }
  }
}

resource "aws_cloudwatch_log_metric_filter" "trail" {
  for_each = { for name, one in local.alarms : name => one if var.main_region }

  name           = "${local.id}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.trail[0].name
  pattern        = each.value.pattern

  metric_transformation {
    name          = each.key
    namespace     = "Gaia/${local.id}"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "trail" {
  for_each = aws_cloudwatch_log_metric_filter.trail

  alarm_name          = each.value.name
  alarm_description   = local.alarms[each.key].what
  namespace           = "Gaia/${local.id}"
  metric_name         = each.key
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = local.alarms[each.key].over
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
