# METADATA
# title: Machines answer metadata requests with a token only
# description: >
#   A program that can be made to fetch an address fetches the machine's credentials, unless a token is asked for and
#   cannot leave the machine.
# custom:
#   severity: high
#   owner: platform
#   controls: [AWS FSBP EC2.8, AWS FSBP EC2.170, AWS FSBP AutoScaling.3, CIS AWS 3.0.0 5.6]
#   remediation: >
#     Set metadata_options with http_tokens = "required" and http_put_response_hop_limit = 1.
package gaia.plan.instance_metadata

import data.gaia.lib.plan
import data.gaia.lib.setting

settings := {
	"aws_instance": wanted,
	"aws_launch_template": wanted,
}

wanted := [
	{"path": ["metadata_options", 0, "http_tokens"], "want": {"one_of": {"required"}}},
	{"path": ["metadata_options", 0, "http_put_response_hop_limit"], "want": {"one_of": {1}}},
]

deny contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, rows)
	message := sprintf("%s gives credentials to whoever asks", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, rows)
	message := sprintf("%s is known only after apply", [attribute])
}
