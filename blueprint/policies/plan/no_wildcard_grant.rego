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

# AWS knows no resource for these, so they can be granted on "*" only: describing, sending telemetry, and what the account has once.
unscoped := concat("|", [
	`^acm:listcertificates$`,
	`^backup-storage:mountcapsule$`,
	`^cloudtrail:(describetrails|listtrails)$`,
	`^cloudwatch:(describealarms|listdashboards|listmetrics|putmetricdata)$`,
	`^config:(delete|describe|put|start|stop)(configurationrecorder|configurationrecorders|configurationrecorderstatus|deliverychannel|deliverychannels)$`,
	`^config:describeconfigrules$`,
	`^ec2:(describe[a-z]+|(get|modify|reset|enable|disable)ebs[a-z]+)$`,
	`^ecr:getauthorizationtoken$`,
	`^eks:describeaddonversions$`,
	`^elasticloadbalancing:describe[a-z]+$`,
	`^guardduty:(createdetector|listdetectors)$`,
	`^iam:(delete|get|update)accountpasswordpolicy$`,
	`^kms:(createkey|listaliases|listkeys)$`,
	`^logs:(createlogdelivery|deletelogdelivery|deletequerydefinition|describeloggroups|describequerydefinitions|describeresourcepolicies|getlogdelivery|listlogdeliveries|putquerydefinition|putresourcepolicy|updatelogdelivery)$`,
	`^rds:describe(dbengineversions|orderabledbinstanceoptions)$`,
	`^route53:(gethostedzonecount|listhostedzones|listhostedzonesbyname)$`,
	`^s3:((get|put)accountpublicaccessblock|listallmybuckets)$`,
	`^secretsmanager:getrandompassword$`,
	`^securityhub:(batch(dis|en)ablestandards|getenabledstandards)$`,
	`^sts:getcalleridentity$`,
	`^xray:((get|put)(encryptionconfig|groups|samplingrules)|getsamplingtargets|puttelemetryrecords|puttracesegments)$`,
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
