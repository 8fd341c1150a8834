# METADATA
# title: Logs are kept as long as they are asked for, and then end
# description: >
#   Production's logs are kept for a year, others for two weeks at least. A log that never ends is paid for, and holds personal data,
#   for ever.
# custom:
#   severity: medium
#   owner: platform
#   controls: [AWS FSBP CloudWatch.16]
#   remediation: >
#     Set retention_in_days.
package gaia.plan.log_retention

import data.gaia.lib.plan
import data.gaia.lib.setting
import data.gaia.lib.stage

# Days, by stage.
least := {"prod": 365, "production": 365, "other": 14}

rows := [{"path": ["retention_in_days"], "want": {"at_least": stage.of(least)}}]

deny contains {"address": resource.address, "message": message} if {
	some resource in plan.of("aws_cloudwatch_log_group")
	count(setting.wrong(resource, rows)) > 0
	not object.get(resource.change.after, "retention_in_days", null) in {0, null}
	message := sprintf("its logs end after %v days, here they are kept for %v", [resource.change.after.retention_in_days, stage.of(least)])
}

deny contains {"address": resource.address, "message": "its logs never end"} if {
	some resource in plan.of("aws_cloudwatch_log_group")
	count(setting.wrong(resource, rows)) > 0
	object.get(resource.change.after, "retention_in_days", null) in {0, null}
}

undecided contains {"address": resource.address, "message": "how long its logs are kept is known only after apply"} if {
	some resource in plan.of("aws_cloudwatch_log_group")
	count(setting.unknown(resource, rows)) > 0
}
