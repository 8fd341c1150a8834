# METADATA
# title: Those who are trusted are named
# description: >
#   Role trust, key policies and the policies of buckets, queues, topics and secrets let named principals in. An account root
#   is everybody in that account; an open principal must be closed again by conditions on who it is.
# custom:
#   severity: critical
#   controls: [AWS FSBP IAM.1, AWS FSBP S3.2, AWS FSBP SQS.3, AWS FSBP SNS.4, AWS FSBP KMS.5]
#   remediation: >
#     Name the roles and users, or close an open principal with aws:PrincipalArn, aws:SourceArn or aws:SourceAccount.
package gaia.plan.trust_is_named

import data.gaia.lib.plan
import data.gaia.lib.value

# Where each type of resource holds who is let in.
holders := {
	"aws_backup_vault_policy": "policy",
	"aws_ecr_repository_policy": "policy",
	"aws_iam_role": "assume_role_policy",
	"aws_kms_key": "policy",
	"aws_kms_key_policy": "policy",
	"aws_s3_bucket_policy": "policy",
	"aws_secretsmanager_secret_policy": "policy",
	"aws_sns_topic_policy": "policy",
	"aws_sqs_queue_policy": "policy",
}

# Conditions that say who comes, not only how.
naming := {"aws:principalarn", "aws:sourcearn", "aws:sourceaccount", "aws:principalorgid", "kms:calleraccount"}

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in allowed
	some principal in principals(statement)
	regex.match(`:root$|^[0-9]{12}$`, principal)
	message := sprintf("%s is trusted, which is everybody in that account", [principal])
}

deny contains {"address": resource.address, "message": "everybody but some is trusted"} if {
	some [resource, statement] in allowed
	"notprincipal" in object.keys(statement)
}

# An identity provider speaks for everybody who has an account there; the subject says who of them is meant.
deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in allowed
	some provider in of_kind(statement, "federated")
	contains(provider, ":oidc-provider/")
	count([key | some key in conditions(statement); endswith(key, ":sub")]) == 0
	message := sprintf("everybody whom %s knows is trusted", [provider])
}

deny contains {"address": resource.address, "message": "everybody is trusted"} if {
	some [resource, statement] in allowed
	some principal in principals(statement)
	regex.match(`^[*]$|[*].*:(role|user)/|:(role|user)/[*]$`, principal)
	count(conditions(statement) & naming) == 0
}

undecided contains {"address": resource.address, "message": "who is trusted is known only after apply"} if {
	some kind in object.keys(holders)
	some resource in plan.of(kind)
	value.read(resource.change, [holders[kind]]).state == "unknown"
}

deny contains {"address": resource.address, "message": "the policy is no JSON object"} if {
	some kind in object.keys(holders)
	some resource in plan.of(kind)
	policy := value.read(resource.change, [holders[kind]])
	policy.state == "known"
	not json.is_valid(policy.value)
}

allowed := [[resource, statement] |
	some kind in object.keys(holders)
	some resource in plan.of(kind)
	policy := value.read(resource.change, [holders[kind]])
	policy.state == "known"
	json.is_valid(policy.value)
	some key, statements in json.unmarshal(policy.value)
	lower(key) == "statement"
	some written in list(statements)
	statement := {lower(name): element | some name, element in written}
	lower(statement.effect) == "allow"
]

# Accounts, roles and users; services and identity providers are named by AWS.
principals(statement) := {"*"} if statement.principal == "*"

principals(statement) := of_kind(statement, "aws") if is_object(statement.principal)

of_kind(statement, wanted) := {name |
	is_object(statement.principal)
	some kind, names in statement.principal
	lower(kind) == wanted
	some name in list(names)
}

# What the statement asks for, and asks in a way that not everybody meets: neither "anything but", nor "if there is one", nor
# a wildcard alone.
conditions(statement) := {lower(key) |
	some operator, tests in object.get(statement, "condition", {})
	regex.match(`^(foranyvalue:)?(arn|string)(equals|equalsignorecase|like)$`, lower(operator))
	some key, values in tests
	every text in list(values) { not regex.match(`^[*?]*$`, text) }
}

list(item) := item if is_array(item)

list(item) := [item] if not is_array(item)
