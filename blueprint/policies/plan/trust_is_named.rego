# METADATA
# title: Those who are trusted are named
# description: >
#   Role trust, key policies and the policies of buckets, queues, topics and secrets let named principals in. An account root
#   is everybody in that account; an open principal must be closed again by conditions on who it is.
# custom:
#   severity: critical
#   owner: security
#   controls: [AWS FSBP IAM.1, AWS FSBP S3.2, AWS FSBP SQS.3, AWS FSBP SNS.4, AWS FSBP KMS.5]
#   remediation: >
#     Name the roles and users, or close an open principal with aws:PrincipalArn, aws:SourceArn or aws:SourceAccount.
package gaia.plan.trust_is_named

import data.gaia.lib.policy

# Conditions that say who comes, not only how: an account, an organization, or something in one account.
naming := {"aws:principalarn", "aws:sourcearn", "aws:sourceaccount", "aws:principalorgid", "kms:calleraccount"}

deny contains {"address": resource.address, "message": message} if {
	some [resource, _, principal] in trusted
	principal in accounts
	message := sprintf("%s is trusted, which is everybody in that account", [principal])
}

deny contains {"address": resource.address, "message": "everybody but some is trusted"} if {
	some [resource, statement] in data.gaia.lib.policy.trusts
	"notprincipal" in object.keys(statement)
}

deny contains {"address": resource.address, "message": "everybody is trusted"} if {
	some [resource, statement, principal] in trusted
	principal in everybody
	count(policy.naming_conditions(statement) & naming) == 0
}

trusted := [[resource, statement, principal] |
	some [resource, statement] in data.gaia.lib.policy.trusts
	some principal in policy.principals(statement)
]

# Few are named, and each often.
principals := {principal | some [_, _, principal] in trusted}

accounts := {principal | some principal in principals; regex.match(`:root$|^[0-9]{12}$`, principal)}

everybody := {principal | some principal in principals; regex.match(`^[*]$|[*].*:(role|user)/|:(role|user)/[*]$`, principal)}

deny contains {"address": address, "message": "the policy is no JSON object"} if {
	some address in data.gaia.lib.policy.broken_trusts
}

undecided contains {"address": address, "message": "who is trusted is known only after apply"} if {
	some address in data.gaia.lib.policy.unknown_trusts
}
