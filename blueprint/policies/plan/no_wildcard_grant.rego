# METADATA
# title: Identities get named actions on named resources
# description: >
#   An identity policy may not allow every action of a service, a pattern of actions, every action but some, or an action on
#   every resource. The policy of a new service is unknown until its bucket exists, and is then judged on the instance's own
#   plan.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP IAM.1, AWS FSBP IAM.21, CIS AWS 3.0.0 1.16]
#   remediation: >
#     List the actions that the workload calls and the ARNs that it calls them on.
package gaia.plan.no_wildcard_grant

import data.gaia.lib.policy

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

# What lists and describes may be written short: it shows names, not data.
looking := `^[a-z0-9-]+:(list|describe)[a-z]*[*]$`

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in data.gaia.lib.policy.grants
	some action in policy.actions(statement)
	regex.match(`[*?]`, action)
	not regex.match(looking, action)
	message := sprintf("the policy allows the action %s", [action])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in data.gaia.lib.policy.grants
	some target in policy.targets(statement)
	everything(target)
	some action in policy.actions(statement)
	not regex.match(unscoped, action)
	message := sprintf("the policy allows %s on the resource %s", [action, target])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in data.gaia.lib.policy.grants
	some element in ["notaction", "notresource"]
	element in object.keys(statement)
	message := sprintf("the policy allows everything but some (%s)", [element])
}

deny contains {"address": address, "message": "the policy is no JSON object"} if {
	some address in data.gaia.lib.policy.broken_grants
}

undecided contains {"address": address, "message": "the policy is known only after apply"} if {
	some address in data.gaia.lib.policy.unknown_grants
}

# A wildcard in place of the resource's name, or one that swallows whole parts of the ARN.
everything(target) if regex.match(`^([^:]*:){5}[*?]+$`, target)

everything(target) if {
	regex.match(`[*?]`, target)
	count(split(target, ":")) < 6
}
