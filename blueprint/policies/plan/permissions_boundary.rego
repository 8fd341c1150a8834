# METADATA
# title: Those who come from outside have a boundary
# description: >
#   A role that an identity provider or somebody else's account may take on, and every user, has a permissions boundary, so
#   that no policy that is attached later gives more than was meant. A boundary (a policy under /boundary/) refuses whatever
#   makes an identity or gives it more rights.
# custom:
#   severity: medium
#   owner: security
#   controls: [AWS FSBP IAM.1]
#   remediation: >
#     Set permissions_boundary to a policy that says the most that it may ever do, and deny there what writes identities.
package gaia.plan.permissions_boundary

import data.gaia.lib.plan
import data.gaia.lib.policy
import data.gaia.lib.value

deny contains {"address": resource.address, "message": "there is no boundary on what it can be given"} if {
	some resource in outside
	missing(resource)
}

undecided contains {"address": resource.address, "message": "whether somebody from outside comes is known only after apply"} if {
	some resource in plan.of("aws_iam_role")
	missing(resource)
	value.read(resource.change, ["assume_role_policy"]).state == "unknown"
}

undecided contains {"address": resource.address, "message": "its boundary is known only after apply"} if {
	some resource in outside
	value.read(resource.change, ["permissions_boundary"]).state == "unknown"
	every name in plan.references(resource, "permissions_boundary") { not startswith(name, "aws_iam_policy.") }
}

# What makes somebody, or more of somebody; a role that has a boundary may still be handed on.
never := (policy.writing | policy.taking_over) - {"iam:passrole", "sts:assumerole"}

deny contains {"address": resource.address, "message": message} if {
	some [resource, document] in policy.boundaries
	open := never - refused(document)
	count(open) > 0
	message := sprintf("this boundary does not refuse %s", [concat(", ", sort(open))])
}

refused(document) := {action |
	is_object(document)
	some statement in value.list(object.get(document, "statement", []))
	statement.effect == "deny"
	"*" in policy.targets(statement)
	not statement.condition
	some action in policy.actions(statement)
}

missing(resource) if value.read(resource.change, ["permissions_boundary"]).state in {"absent", "null"}

missing(resource) if value.read(resource.change, ["permissions_boundary"]).value == ""

outside := array.concat(
	[resource |
		some [resource, statement] in data.gaia.lib.policy.trusts
		resource.type == "aws_iam_role"
		strangers(statement)
	],
	[resource | some resource in plan.of("aws_iam_user")],
)

strangers(statement) if count(policy.of_kind(statement, "federated")) > 0

strangers(statement) if {
	some _, tests in object.get(statement, "condition", {})
	object.get(tests, "sts:externalid", null) != null
}
