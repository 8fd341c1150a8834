# METADATA
# title: Reading IAM policies
# description: >
#   Every policy document of a plan is parsed once, for all rules. AWS minds the case of neither elements, actions nor
#   condition keys, so everything in a statement is in lower case here.
package gaia.lib.policy

import data.gaia.lib.plan
import data.gaia.lib.value

# Types that hold what an identity may do, and where.
of_identities := {
	"aws_iam_group_policy": "policy",
	"aws_iam_policy": "policy",
	"aws_iam_role_policy": "policy",
	"aws_iam_user_policy": "policy",
	"aws_ssoadmin_permission_set_inline_policy": "inline_policy",
}

# Types that hold who is let in, and where.
of_resources := {
	"aws_api_gateway_rest_api_policy": "policy",
	"aws_backup_vault_policy": "policy",
	"aws_cloudwatch_event_bus_policy": "policy",
	"aws_dynamodb_resource_policy": "policy",
	"aws_ecr_registry_policy": "policy",
	"aws_ecr_repository_policy": "policy",
	"aws_efs_file_system_policy": "policy",
	"aws_elasticsearch_domain_policy": "access_policies",
	"aws_glacier_vault": "access_policy",
	"aws_iam_role": "assume_role_policy",
	"aws_kinesis_resource_policy": "policy",
	"aws_kms_external_key": "policy",
	"aws_kms_key": "policy",
	"aws_kms_key_policy": "policy",
	"aws_kms_replica_key": "policy",
	"aws_opensearch_domain_policy": "access_policies",
	"aws_s3_access_point": "policy",
	"aws_s3_bucket_policy": "policy",
	"aws_secretsmanager_secret": "policy",
	"aws_secretsmanager_secret_policy": "policy",
	"aws_sns_topic": "policy",
	"aws_sns_topic_policy": "policy",
	"aws_sqs_queue": "policy",
	"aws_sqs_queue_policy": "policy",
}

# What makes an identity, or gives one rights.
writing := {
	"iam:attachgrouppolicy", "iam:attachrolepolicy", "iam:attachuserpolicy", "iam:createrole", "iam:createuser",
	"iam:deleterolepermissionsboundary", "iam:deleteuserpermissionsboundary", "iam:putgrouppolicy", "iam:putrolepermissionsboundary",
	"iam:putrolepolicy", "iam:putuserpermissionsboundary", "iam:putuserpolicy",
}

# What takes over an identity that is there.
taking_over := {
	"iam:addusertogroup", "iam:createaccesskey", "iam:createloginprofile", "iam:createpolicyversion",
	"iam:passrole", "iam:setdefaultpolicyversion", "iam:updateassumerolepolicy", "iam:updateloginprofile", "sts:assumerole",
}

# Pairs of a resource and one statement that allows something to an identity, or lets somebody in.
grants := [[resource, statement] |
	some [resource, statement] in allowed(documents_of_identities)
	not bounds(resource)
]

# A boundary allows nothing by itself, however much it names. It is known by its path, and no rule lets one be attached.
boundaries := [[resource, document] |
	some [resource, document] in documents_of_identities
	bounds(resource)
]

bounds(resource) if {
	resource.type == "aws_iam_policy"
	object.get(resource.change.after, "path", "") == "/boundary/"
}

trusts := allowed(documents_of_resources)

# Addresses of policies that are known only after apply, or are no JSON object.
unknown_grants := unknown(of_identities) | {resource.address |
	some resource in plan.of("aws_iam_role")
	some number, _ in value.members(resource.change, ["inline_policy"])
	value.read(resource.change, ["inline_policy", number, "policy"]).state == "unknown"
} | {resource.address |
	some resource in plan.of("aws_iam_role")
	plan.open(resource, "inline_policy")
}

unknown_trusts := unknown(of_resources)

broken_grants := broken(documents_of_identities)

broken_trusts := broken(documents_of_resources)

documents_of_identities := documents(array.concat(texts(of_identities), [[resource, inner.policy] |
	some resource in plan.of("aws_iam_role")
	some inner in value.members(resource.change, ["inline_policy"])
	is_string(inner.policy)
]))

documents_of_resources := documents(texts(of_resources))

texts(holders) := [[resource, text] |
	some kind, attribute in holders
	some resource in plan.of(kind)
	text := object.get(resource.change.after, attribute, null)
	is_string(text)
]

# The same text is parsed once, whoever has it.
documents(held) := [[resource, read[text]] | some [resource, text] in held] if {
	distinct := {text | some [_, text] in held}
	read := {text: parsed(text) | some text in distinct}
}

# Where a policy may be left out, AWS says what it is then.
unknown(holders) := {resource.address |
	some kind, attribute in holders
	some resource in plan.of(kind)
	not is_string(object.get(resource.change.after, attribute, null))
	value.read(resource.change, [attribute]).state == "unknown"
	plan.said(resource, attribute)
}

broken(pairs) := {resource.address |
	some [resource, document] in pairs
	not is_object(document)
}

parsed("") := {}

parsed(text) := json.unmarshal(lower(plain(text))) if {
	text != ""
	json.is_valid(text)
}

parsed(text) := "broken" if {
	text != ""
	not json.is_valid(text)
}

# A letter can be written as its number, whose case would stay.
plain(text) := text if not contains(text, "\\")

plain(text) := json.marshal(json.unmarshal(text)) if contains(text, "\\")

allowed(pairs) := [[resource, statement] |
	some [resource, document] in pairs
	is_object(document)
	some statement in value.list(object.get(document, "statement", []))
	is_object(statement)
	statement.effect == "allow"
]

# Parts of a statement as lists.
actions(statement) := value.list(object.get(statement, "action", []))

targets(statement) := value.list(object.get(statement, "resource", []))

# Accounts, roles and users; services and identity providers are named by AWS.
principals(statement) := {"*"} if statement.principal == "*"

principals(statement) := of_kind(statement, "aws") if is_object(statement.principal)

of_kind(statement, wanted) := {name |
	is_object(statement.principal)
	some name in value.list(object.get(statement.principal, wanted, []))
	is_string(name)
}

# What the statement asks for, and asks in a way that not everybody meets: neither "anything but", nor "if there is one", nor
# what anybody is.
conditions(statement) := {key |
	some key, values in asked(statement)
	every text in values { not regex.match(`^[*?]*$`, text) }
}

# The same, where each value names somebody.
naming_conditions(statement) := {key |
	some key, values in asked(statement)
	every text in values { names(text) }
}

asked(statement) := {key: value.list(values) |
	some operator, tests in object.get(statement, "condition", {})
	regex.match(`^(foranyvalue:)?(arn|string)(equals|equalsignorecase|like)$`, operator)
	some key, values in tests
}

# Without wildcards, and without variables, which are whatever the caller is; or an ARN in one account.
names(text) if {
	is_string(text)
	text != ""
	not regex.match(`[*?]|[$][{]`, text)
}

names(text) if {
	is_string(text)
	regex.match(`^arn:[^:]+:[^:]*:[^:]*:[0-9]{12}:`, text)
}

# Fresh MFA, of the person or as a tag of a session that an identity provider sets.
asks_for_mfa(statement) if {
	some key in ["aws:multifactorauthpresent", "aws:principaltag/mfa"]
	some operator in ["bool", "stringequals"]
	lower(sprintf("%v", [object.get(statement, ["condition", operator, key], false)])) in {"true", "[\"true\"]"}
}
