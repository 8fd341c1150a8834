# METADATA
# title: A service fits into the quotas of its tenant and stage
# description: >
#   Services, processors, memory, disk and cost a month, with what is asked for, must not come to more than a quota of
#   budgets/*.yaml. A size that is not known before apply is decided by a person, where what is known is not too much already.
# custom:
#   severity: medium
#   owner: platform
#   controls: []
#   remediation: >
#     Choose something smaller, retire what nobody uses, or raise the quota in budgets/.
package gaia.request.within_quota

deny contains {"message": message} if {
	some quota in asked
	quota.verdict == "deny"
	message := sprintf("%s may hold %v of %s, and it would come to %v", [
		quota.scope, quota.most, quota.measure, quota.used,
	])
}

undecided contains {"message": message} if {
	some quota in asked
	not object.get(quota, "verdict", null) in {"allow", "deny"}
	message := sprintf("whether the quota %s of %s holds is not known: that of %s is not", [
		object.get(quota, "measure", "?"),
		object.get(quota, "scope", "?"),
		concat(", ", object.get(quota, "unknown", ["services"])),
	])
}

# There are none before a request is previewed, nor where a repository declares none.
asked := object.get(input, "quotas", []) if input.gaia.kind == "provision"
