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

deny contains {"message": message} if {
	some budget in asked
	budget.verdict == "deny"
	total := budget.committed + budget.reserved + budget.asked
	message := sprintf("the budget %s has %v %s a month, and it would come to %v", [
		budget.scope, budget.amount, budget.currency, total,
	])
}

warn contains {"message": message} if {
	some budget in asked
	budget.verdict == "warn"
	message := sprintf("the budget %s reaches %v percent", [budget.scope, max(budget.crossed)])
}

undecided contains {"message": message} if {
	some budget in asked
	not object.get(budget, "verdict", null) in {"allow", "warn", "deny"}
	message := sprintf("whether the budget %s holds is not known: what %s cost is not", [
		object.get(budget, "scope", "?"),
		concat(", ", object.get(budget, "unknown", ["services"])),
	])
}

# There are none before a request is previewed, nor where a repository declares none.
asked := object.get(input, "budgets", []) if input.gaia.kind == "provision"
