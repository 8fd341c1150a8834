# METADATA
# title: Who comes from another account proves who he is
# description: >
#   A role in production that lets another account in asks for MFA or for an external id. Whose account it is, is known from
#   what the plan says of the caller's; where it says nothing, every account is taken for another one. What is asked for can
#   be shown: a role that takes on a role carries no MFA of its own, so a trust that asks it for that lets nobody in, and
#   somebody will loosen it in a hurry.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP IAM.1, CIS AWS 3.0.0 1.10]
#   remediation: >
#     Add aws:MultiFactorAuthPresent with a short aws:MultiFactorAuthAge for users, aws:PrincipalTag/mfa for roles that people
#     sign in to, sts:ExternalId for a company's service.
package gaia.plan.foreign_accounts

import data.gaia.lib.plan
import data.gaia.lib.policy
import data.gaia.lib.value

deny contains {"address": resource.address, "message": message} if {
	data.gaia.lib.stage.production
	some [resource, account] in unproven
	message := sprintf("account %s comes in without MFA and without an external id", [account])
}

undecided contains {"address": resource.address, "message": message} if {
	data.gaia.lib.stage.unsaid
	some [resource, account] in unproven
	message := sprintf("account %s comes in without MFA and without an external id, and nobody says whether this is production", [account])
}

deny contains {"address": resource.address, "message": message} if {
	data.gaia.lib.stage.production
	some [resource, principal] in shut_out
	message := sprintf("%s is asked for MFA, which the session of a role does not carry: it cannot come in", [principal])
}

undecided contains {"address": resource.address, "message": message} if {
	data.gaia.lib.stage.unsaid
	some [resource, principal] in shut_out
	message := sprintf("%s is asked for MFA, which the session of a role does not carry, and nobody says whether this is production", [principal])
}

warn contains {"address": resource.address, "message": message} if {
	not data.gaia.lib.stage.perhaps_production
	some [resource, principal] in shut_out
	message := sprintf("%s is asked for MFA, which the session of a role does not carry: it cannot come in", [principal])
}

warn contains {"address": resource.address, "message": message} if {
	not data.gaia.lib.stage.perhaps_production
	some [resource, account] in unproven
	message := sprintf("account %s comes in without MFA and without an external id", [account])
}

undecided contains {"address": resource.address, "message": "who comes in is known only after apply"} if {
	data.gaia.lib.stage.perhaps_production
	some resource in plan.of("aws_iam_role")
	resource.address in data.gaia.lib.policy.unknown_trusts
}

unproven := [[resource, account] |
	some [resource, statement] in data.gaia.lib.policy.trusts
	resource.type == "aws_iam_role"
	some principal in policy.principals(statement)
	account := split(principal, ":")[4]
	regex.match(`^[0-9]{12}$`, account)
	not account in own
	not proven(statement)
]

# Roles, and sessions of roles, that are asked for what only a user's session has.
shut_out := [[resource, principal] |
	some [resource, statement] in data.gaia.lib.policy.trusts
	resource.type == "aws_iam_role"
	asks_for_own_mfa(statement)
	some principal in policy.principals(statement)
	regex.match(`:(assumed-)?role/`, principal)
]

# Without "if there is one": then a session that has none comes in.
asks_for_own_mfa(statement) if {
	some operator, tests in object.get(statement, "condition", {})
	regex.match(`^(bool|stringequals|numericlessthan(equals)?)$`, operator)
	some key, _ in tests
	startswith(key, "aws:multifactorauth")
}

proven(statement) if policy.asks_for_mfa(statement)

proven(statement) if {
	some operator in ["stringequals", "stringequalsignorecase"]
	object.get(statement, ["condition", operator, "sts:externalid"], "") != ""
}

# Accounts that the plan's identities are in: what the caller is, as data sources say it.
own := {id |
	some module in modules
	some resource in object.get(module, "resources", [])
	resource.type == "aws_caller_identity"
	id := resource.values.account_id
}

modules := array.concat([root], array.concat(children([root]), children(children([root])))) if {
	root := object.get(input, ["prior_state", "values", "root_module"], {})
}

children(parents) := [child | some parent in parents; some child in value.items(object.get(parent, "child_modules", []))]
