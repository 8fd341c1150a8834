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
least := {"prod": 365, "other": 14}

rows(days) := [{"path": ["retention_in_days"], "want": {"at_least": days}}]

deny contains {"address": resource.address, "message": message} if {
	some [resource, days] in short
	days == min(stage.any_of(least))
	message := sprintf("its logs end after %v days, here they are kept for %v", [resource.change.after.retention_in_days, days])
}

undecided contains {"address": resource.address, "message": message} if {
	some [resource, days] in short
	days != min(stage.any_of(least))
	message := sprintf("its logs end after %v days, and nobody says whether they are kept for %v here", [resource.change.after.retention_in_days, days])
}

deny contains {"address": resource.address, "message": "its logs never end"} if {
	some resource in plan.of("aws_cloudwatch_log_group")
	count(setting.wrong(resource, rows(1))) > 0
	object.get(resource.change.after, "retention_in_days", null) in {0, null}
}

undecided contains {"address": resource.address, "message": "how long its logs are kept is known only after apply"} if {
	some resource in plan.of("aws_cloudwatch_log_group")
	count(setting.unknown(resource, rows(1))) > 0
}

# Groups that end earlier than the days that the stage may ask for.
short := [[resource, days] |
	some resource in plan.of("aws_cloudwatch_log_group")
	not object.get(resource.change.after, "retention_in_days", null) in {0, null}
	some days in stage.any_of(least)
	count(setting.wrong(resource, rows(days))) > 0
]
