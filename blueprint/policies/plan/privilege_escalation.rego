# METADATA
# title: Nobody can give himself rights
# description: >
#   Whoever may hand any role to a service, or write identities and their policies without a boundary on what they can do,
#   has every right that there is.
# custom:
#   severity: critical
#   owner: security
#   controls: [AWS FSBP IAM.1, CIS AWS 3.0.0 1.16]
#   remediation: >
#     Name the roles that may be passed, and ask for iam:PermissionsBoundary where identities are written.
package gaia.plan.privilege_escalation

import data.gaia.lib.policy
import data.gaia.lib.value

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in data.gaia.lib.policy.grants
	some action in policy.actions(statement)
	action in policy.writing
	not bounded(statement)
	message := sprintf("%s is allowed without a permissions boundary", [action])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in data.gaia.lib.policy.grants
	some action in policy.actions(statement)
	action in policy.taking_over
	some target in policy.targets(statement)
	regex.match(`:(role|user|group|policy)/[*?]+$`, target)
	message := sprintf("%s is allowed on %s", [action, target])
}

undecided contains {"address": address, "message": "the policy is known only after apply"} if {
	some address in data.gaia.lib.policy.unknown_grants
}

# The boundary is named; in which account it stands may be left open, because a boundary is of the identity's own.
bounded(statement) if {
	some operator in ["stringequals", "arnequals", "stringlike", "arnlike"]
	boundaries := value.list(object.get(statement, ["condition", operator, "iam:permissionsboundary"], []))
	count(boundaries) > 0
	every boundary in boundaries {
		is_string(boundary)
		regex.match(`:policy/[^*?$]+$`, boundary)
	}
}
