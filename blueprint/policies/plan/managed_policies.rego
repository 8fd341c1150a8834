# METADATA
# title: No managed policy gives everything
# description: >
#   A policy that AWS manages and that allows everything, everything about identities, or the whole of a service is not
#   attached; only a role for emergencies, which asks for fresh MFA, may have one. What stands under /boundary/ bounds what
#   others allow, and is attached to nobody.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP IAM.1, AWS FSBP IAM.18, CIS AWS 3.0.0 1.16, CIS AWS 3.0.0 1.17]
#   remediation: >
#     Write a policy with the actions and resources that are needed, and attach that.
package gaia.plan.managed_policies

import data.gaia.lib.plan
import data.gaia.lib.policy
import data.gaia.lib.value

attachments := {
	"aws_iam_group_policy_attachment",
	"aws_iam_policy_attachment",
	"aws_iam_role_policy_attachment",
	"aws_iam_user_policy_attachment",
	"aws_ssoadmin_managed_policy_attachment",
}

# Types that hold a list of what they attach.
lists := {
	"aws_iam_role": "managed_policy_arns",
	"aws_iam_role_policy_attachments_exclusive": "policy_arns",
	"aws_iam_user_policy_attachments_exclusive": "policy_arns",
	"aws_iam_group_policy_attachments_exclusive": "policy_arns",
}

too_wide := `:iam::aws:policy/([^:]*/)?(AdministratorAccess([-A-Za-z]*)|PowerUserAccess|[A-Za-z0-9_-]*Full_?Access(_?[Vv][0-9]+)?|(System|Database|Network)Administrator)$`

deny contains {"address": resource.address, "message": message} if {
	some [resource, arn] in attached
	regex.match(too_wide, arn)
	not for_emergencies(resource)
	message := sprintf("%s is attached", [regex.replace(arn, `^.*/`, "")])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, arn] in attached
	regex.match(`:policy/boundary/`, arn)
	message := sprintf("%s is attached, which is a boundary", [regex.replace(arn, `^.*/`, "")])
}

# One of the same plan, whose ARN is not known yet.
deny contains {"address": resource.address, "message": message} if {
	some boundary in plan.of("aws_iam_policy")
	policy.bounds(boundary)
	some [kind, attribute] in attaching
	some resource in plan.of(kind)
	object.get(resource, "module_address", "") == object.get(boundary, "module_address", "")
	sprintf("aws_iam_policy.%s", [boundary.name]) in plan.references(resource, attribute)
	message := sprintf("%s is attached, which is a boundary", [boundary.address])
}

warn contains {"address": resource.address, "message": "a role for emergencies can do everything"} if {
	some [resource, arn] in attached
	regex.match(too_wide, arn)
	for_emergencies(resource)
}

# A policy of the same plan is judged where it is written, so that its ARN is unknown does not matter.
undecided contains {"address": resource.address, "message": "which policy is attached is known only after apply"} if {
	some kind in attachments
	some resource in plan.of(kind)
	name := {"aws_ssoadmin_managed_policy_attachment": "managed_policy_arn"}
	attribute := object.get(name, kind, "policy_arn")
	value.read(resource.change, [attribute]).state == "unknown"
	every reference in plan.references(resource, attribute) { not startswith(reference, "aws_iam_policy.") }
}

undecided contains {"address": resource.address, "message": "which policies are attached is known only after apply"} if {
	some kind, attribute in lists
	some resource in plan.of(kind)
	value.read(resource.change, [attribute]).state == "unknown"
	plan.said(resource, attribute)
	every reference in plan.references(resource, attribute) { not startswith(reference, "aws_iam_policy.") }
}

attaching := array.concat(
	[[kind, attribute] | some kind in attachments; some attribute in ["policy_arn", "managed_policy_arn"]],
	[[kind, attribute] | some kind, attribute in lists],
)

# Pairs of a resource and an ARN that it attaches.
attached := array.concat(
	[[resource, arn] |
		some kind in attachments
		some resource in plan.of(kind)
		some attribute in ["policy_arn", "managed_policy_arn"]
		arn := object.get(resource.change.after, attribute, null)
		is_string(arn)
	],
	[[resource, arn] |
		some kind, attribute in lists
		some resource in plan.of(kind)
		some arn in value.members(resource.change, [attribute])
		is_string(arn)
	],
)

for_emergencies(attachment) if object.get(attachment.change.after, "role", null) in for_emergency

# Roles of this plan whose name says so and that only somebody with fresh MFA can take on.
for_emergency := {name |
	some role in plan.present("aws_iam_role")
	name := object.get(role.change.after, "name", null)
	is_string(name)
	endswith(name, "-break-glass")
	text := object.get(role.change.after, "assume_role_policy", null)
	is_string(text)
	statements := value.list(policy.parsed(text).statement)
	every statement in statements {
		statement.condition.bool["aws:multifactorauthpresent"] == "true"
		to_number(statement.condition.numericlessthan["aws:multifactorauthage"]) <= 3600
	}
}
