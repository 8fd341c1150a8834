# METADATA
# title: Of an identity provider's people, some are meant
# description: >
#   An identity provider speaks for everybody who has an account there. The subject says who of them is meant: one
#   repository, not every one of an organization.
# custom:
#   severity: critical
#   owner: security
#   controls: [AWS FSBP IAM.1]
#   remediation: >
#     Ask for the whole subject, as repo:ORGANIZATION/REPOSITORY:ref:refs/heads/BRANCH.
package gaia.plan.identity_providers

import data.gaia.lib.plan
import data.gaia.lib.policy
import data.gaia.lib.value

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in data.gaia.lib.policy.trusts
	some provider in policy.of_kind(statement, "federated")
	contains(provider, ":oidc-provider/")
	count([key | some key in policy.conditions(statement); endswith(key, ":sub")]) == 0
	message := sprintf("everybody whom %s knows is trusted", [provider])
}

deny contains {"address": resource.address, "message": message} if {
	some [resource, statement] in data.gaia.lib.policy.trusts
	some subject in subjects(statement)
	vague(subject)
	message := sprintf("%s is more than one repository", [subject])
}

undecided contains {"address": resource.address, "message": "who is meant is known only after apply"} if {
	some resource in plan.of("aws_iam_role")
	resource.address in data.gaia.lib.policy.unknown_trusts
	value.read(resource.change, ["assume_role_policy"]).state == "unknown"
}

subjects(statement) := {subject |
	some _, tests in object.get(statement, "condition", {})
	some key, values in tests
	endswith(key, ":sub")
	some subject in value.list(values)
	is_string(subject)
	not regex.match(`^[*?]*$`, subject)
}

# GitHub's subjects: organization and repository whole; which branch is for the role to say.
vague(subject) if {
	startswith(subject, "repo:")
	not regex.match(`^repo:[^/*?:]+/[^/*?:]+:`, subject)
}

# A service account of Kubernetes: namespace and name whole.
vague(subject) if {
	startswith(subject, "system:serviceaccount:")
	regex.match(`[*?]`, subject)
}

# Of others: a wildcard where the issuer says whose it is, or a variable.
vague(subject) if regex.match(`^[^:]*[*?]|^[a-z_]+:[^:]*[*?]|[$][{]`, subject)
