# METADATA
# title: Somebody watches
# description: >
#   GuardDuty, Config and the trail are on, and are not taken away while the account is used: who breaks in switches these
#   off first.
# custom:
#   severity: critical
#   owner: security
#   controls: [AWS FSBP GuardDuty.1, AWS FSBP Config.1, AWS FSBP CloudTrail.1, AWS FSBP CloudTrail.3, CIS AWS 3.0.0 3.1, CIS AWS 3.0.0 3.3]
#   remediation: >
#     Switch on what the finding names; the component account-baseline does by default.
package gaia.plan.detection_is_on

import data.gaia.lib.plan
import data.gaia.lib.setting

settings := {
	"aws_cloudtrail": [
		{"path": ["enable_logging"], "want": {"none_of": {false}}},
		{"path": ["include_global_service_events"], "want": {"none_of": {false}}},
	],
	"aws_config_configuration_recorder": [{"path": ["recording_group", 0, "all_supported"], "want": {"none_of": {false}}, "may_be_absent": true}],
	"aws_config_configuration_recorder_status": [{"path": ["is_enabled"], "want": "on"}],
	"aws_guardduty_detector": [{"path": ["enable"], "want": {"none_of": {false}}}],
	"aws_guardduty_detector_feature": [{"path": ["status"], "want": {"one_of": {"ENABLED"}}}],
	"aws_inspector2_enabler": [{"path": ["resource_types"], "want": {"none_of": {[]}}}],
}

watching := {
	"aws_accessanalyzer_analyzer", "aws_cloudtrail", "aws_config_configuration_recorder", "aws_config_configuration_recorder_status",
	"aws_config_delivery_channel", "aws_flow_log", "aws_guardduty_detector", "aws_securityhub_account",
}

deny contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, rows)
	message := sprintf("%s keeps it from watching", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, rows)
	message := sprintf("%s is known only after apply", [attribute])
}

deny contains {"address": resource.address, "message": "it watches, and would be gone"} if {
	some resource in data.gaia.lib.plan.lost
	resource.type in watching
	not is_object(resource.change.after)
	object.get(input, ["gaia", "kind"], "") != "retire"
}
