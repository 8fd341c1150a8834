# METADATA
# title: A service fits into its budgets
# description: >
#   What exists, what is approved and not yet applied, and what is asked for must not come to more than a budget of budgets/*.yaml.
#   Where a cost is not known, and what is known is not too much already, a person decides. Nobody is kept from taking a
#   service away.
# custom:
#   severity: high
#   owner: platform
#   controls: []
#   remediation: >
#     Choose something smaller, retire what nobody uses, or raise the budget in budgets/.
package gaia.request.within_budget

deny contains object.union({"message": message}, excusable(budget)) if {
	some budget in asked
	budget.verdict == "deny"
	message := sprintf("the budget %s is %s, and this would make it %s", [
		budget.scope, words(budget, "limit"), words(budget, "total"),
	])
}

warn contains {"message": message} if {
	some budget in asked
	budget.verdict == "warn"
	message := sprintf("the budget %s of %s comes to %s, beyond its alert at %s", [
		budget.scope, words(budget, "limit"), words(budget, "total"), words(budget, "alert"),
	])
}

undecided contains {"message": message} if {
	some budget in asked
	not object.get(budget, "verdict", null) in {"allow", "warn", "deny"}
	message := sprintf("whether the budget %s of %s holds is not known: what it costs is not of %s", [
		object.get(budget, "scope", "?"),
		words(budget, "limit"),
		concat(", ", object.get(budget, "unknown", ["services"])),
	])
}

# There are none before a request is previewed, nor where a repository declares none.
asked := object.get(input, "budgets", []) if input.gaia.kind in {"provision", "change"}

# Gaia says its figures for people to read.
words(budget, name) := object.get(object.get(budget, "words", {}), name, "?")

# What a waiver excuses is what the request itself costs in a budget of this size, whatever other services do.
excusable(budget) := {"value": [budget.scope, budget.limit, budget.currency, budget.share]} if {
	budget.share
	budget.limit
} else := {}
