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

deny contains object.union({"message": message}, excusable(quota)) if {
	some quota in asked
	quota.verdict == "deny"
	message := sprintf("the quota %s is %s, and this would make it %s", [
		quota.scope, words(quota, "limit"), words(quota, "total"),
	])
}

undecided contains {"message": message} if {
	some quota in asked
	not object.get(quota, "verdict", null) in {"allow", "deny"}
	message := sprintf("whether the quota %s of %s holds is not known: what it takes is not of %s", [
		object.get(quota, "scope", "?"),
		words(quota, "limit"),
		concat(", ", object.get(quota, "unknown", ["services"])),
	])
}

# There are none before a request is previewed, nor where a repository declares none.
asked := object.get(input, "quotas", []) if input.gaia.kind in {"provision", "change"}

# Gaia says its figures for people to read.
words(quota, name) := object.get(object.get(quota, "words", {}), name, "?")

# What a waiver excuses is what the request itself takes of a quota of this size, whatever other services do.
excusable(quota) := {"value": [quota.scope, quota.measure, quota.limit, quota.share]} if {
	quota.share
	quota.limit
} else := {}
