# METADATA
# title: Nobody has a key of his own
# description: >
#   People sign in elsewhere and workloads have roles. An access key or a password of a user stands in the state, lasts until
#   somebody thinks of it, and works from everywhere.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP IAM.3, AWS FSBP IAM.22, CIS AWS 3.0.0 1.14]
#   remediation: >
#     Use a role: pod identity, an instance profile, or OIDC for workflows.
package gaia.plan.long_lived_keys

import data.gaia.lib.plan
import data.gaia.lib.value

passwords := {"aws_iam_service_specific_credential", "aws_iam_user_login_profile"}

deny contains {"address": resource.address, "message": "it is a key that lasts"} if {
	some resource in plan.of("aws_iam_access_key")
	active(value.read(resource.change, ["status"]))
}

deny contains {"address": resource.address, "message": "it is a password that lasts"} if {
	some kind in passwords
	some resource in plan.of(kind)
	object.get(resource.change.after, "status", "Active") != "Inactive"
}

undecided contains {"address": resource.address, "message": "whether the key works is known only after apply"} if {
	some resource in plan.of("aws_iam_access_key")
	value.read(resource.change, ["status"]).state == "unknown"
	plan.said(resource, "status")
}

# AWS makes a key that works where nothing is said.
active(read) if read.state in {"absent", "null"}

active(read) if {
	read.state == "known"
	read.value != "Inactive"
}
