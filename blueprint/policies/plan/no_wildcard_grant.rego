# METADATA
# title: Identities get named actions on named resources
# description: >
#   An identity policy may not allow every action of a service, every action but some, or an action on every resource,
#   and an AWS-managed policy that does so may not be attached. The policy of a new service is unknown until its bucket
#   exists, and is then judged on the instance's own plan.
# custom:
#   severity: high
#   controls: [AWS FSBP IAM.1, AWS FSBP IAM.21, CIS AWS 3.0.0 1.16]
#   remediation: >
#     List the actions that the workload calls and the ARNs that it calls them on.
package gaia.plan.no_wildcard_grant

import data.gaia.lib.plan
import data.gaia.lib.value

holders := {"aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"}

attachments := {
	"aws_iam_group_policy_attachment",
	"aws_iam_policy_attachment",
	"aws_iam_role_policy_attachment",
	"aws_iam_user_policy_attachment",
}

# Managed by AWS; each allows every action, or every action on identities, on every resource.
too_wide := {"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"}

# AWS knows no resource for these, so they can be granted on "*" only: describing, and sending telemetry.
unscoped := concat("|", [
	`^cloudwatch:putmetricdata$`,
	`^ec2:describe[a-z]+$`,
	`^ecr:getauthorizationtoken$`,
	`^rds:describe(dbengineversions|orderabledbinstanceoptions)$`,
	`^s3:listallmybuckets$`,
	`^sts:getcalleridentity$`,
	`^xray:(getsampling(rules|targets)|puttelemetryrecords|puttracesegments)$`,
])

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in allowed
	some action in list(object.get(statement, "action", []))
	regex.match(`^([^:]*:)?[*?]+$|^[^:]*[*?][^:]*:`, action)
	message := sprintf("the policy allows the action %s", [action])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in allowed
	some target in list(object.get(statement, "resource", []))
	everything(target)
	some action in list(object.get(statement, "action", []))
	not regex.match(unscoped, lower(action))
	message := sprintf("the policy allows %s on the resource %s", [action, target])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in allowed
	some element in ["notaction", "notresource"]
	element in object.keys(statement)
	message := sprintf("the policy allows everything but some (%s)", [element])
}

deny contains {"address": resource.address, "message": "the policy is no JSON object"} if {
	some [resource, policy] in policies
	policy.state == "known"
	not readable(policy.value)
}

undecided contains {"address": resource.address, "message": "the policy is known only after apply"} if {
	some [resource, policy] in policies
	policy.state == "unknown"
}

deny contains {"address": resource.address, "message": message} if {
	some kind in attachments
	some resource in plan.of(kind)
	arn := value.read(resource.change, ["policy_arn"])
	arn.state == "known"
	some name in too_wide
	endswith(arn.value, sprintf(":iam::aws:policy/%s", [name]))
	not for_emergencies(resource)
	message := sprintf("%s is attached", [name])
}

# Types that hold a list of what they attach.
lists := {"aws_iam_role": "managed_policy_arns", "aws_iam_role_policy_attachments_exclusive": "policy_arns"}

deny contains {"address": resource.address, "message": message} if {
	some kind, attribute in lists
	some resource in plan.of(kind)
	some arn in value.read(resource.change, [attribute]).value
	some name in too_wide
	endswith(arn, sprintf(":iam::aws:policy/%s", [name]))
	message := sprintf("%s is attached", [name])
}

warn contains {"address": resource.address, "message": "a role for emergencies can do everything"} if {
	some kind in attachments
	some resource in plan.of(kind)
	for_emergencies(resource)
}

# A role of this plan whose name says so and that only somebody with fresh MFA can take on.
for_emergencies(attachment) if {
	some role in plan.present
	role.type == "aws_iam_role"
	endswith(role.change.after.name, "-break-glass")
	role.change.after.name == attachment.change.after.role
	statements := json.unmarshal(role.change.after.assume_role_policy).Statement
	every statement in statements {
		statement.Condition.Bool["aws:MultiFactorAuthPresent"] == "true"
		to_number(statement.Condition.NumericLessThan["aws:MultiFactorAuthAge"]) <= 3600
	}
}

# A policy of the same plan is judged where it is written, so that its ARN is unknown does not matter.
undecided contains {"address": resource.address, "message": "which policy is attached is known only after apply"} if {
	some kind in attachments
	some resource in plan.of(kind)
	value.read(resource.change, ["policy_arn"]).state == "unknown"
	every name in plan.references(resource, "policy_arn") { not startswith(name, "aws_iam_policy.") }
}

# Pairs of a resource and what the plan says about a policy that it holds.
policies := array.concat(
	[[resource, value.read(resource.change, ["policy"])] |
		some kind in holders
		some resource in plan.of(kind)
	],
	[[resource, value.read(resource.change, ["inline_policy", index, "policy"])] |
		some resource in plan.of("aws_iam_role")
		some index, _ in object.get(resource.change.after, "inline_policy", [])
	],
)

# Pairs of a resource and one statement that allows something; element names in lower case, as AWS does not mind theirs.
allowed := [[resource, statement] |
	some [resource, policy] in policies
	policy.state == "known"
	readable(policy.value)
	some key, statements in json.unmarshal(policy.value)
	lower(key) == "statement"
	some written in list(statements)
	statement := {lower(name): element | some name, element in written}
	lower(statement.effect) == "allow"
]

readable(text) if {
	json.is_valid(text)
	is_object(json.unmarshal(text))
}

# A wildcard in place of the resource's name, or one that swallows whole parts of the ARN.
everything(target) if regex.match(`^([^:]*:){5}[*?]+$`, target)

everything(target) if {
	regex.match(`[*?]`, target)
	count(split(target, ":")) < 6
}

list(item) := item if is_array(item)

list(item) := [item] if not is_array(item)
