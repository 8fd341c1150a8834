package gaia.request.within_budget_test

import data.gaia.request.within_budget

says(deny, warn, undecided) if {
	count(within_budget.deny) == deny
	count(within_budget.warn) == warn
	count(within_budget.undecided) == undecided
}

budget := {
	"scope": "acme/dev/*", "currency": "USD", "amount": 100, "committed": 40, "reserved": 20, "asked": 10,
	"left": 30, "crossed": [], "unknown": [], "verdict": "allow",
}

asked(kind, changes) := {"gaia": {"kind": kind}, "budgets": [object.union(budget, changes)]}

test_what_fits_is_allowed if says(0, 0, 0) with input as asked("provision", {})

test_what_is_too_much_is_denied if {
	says(1, 0, 0) with input as asked("provision", {"asked": 50, "verdict": "deny"})
}

test_a_change_that_is_too_much_is_denied if {
	says(1, 0, 0) with input as asked("change", {"asked": 50, "verdict": "deny"})
}

test_a_threshold_is_warned_of if {
	says(0, 1, 0) with input as asked("provision", {"crossed": [50, 70], "verdict": "warn"})
}

test_an_unknown_cost_is_undecided if {
	says(0, 0, 1) with input as asked("provision", {"unknown": ["orders"], "verdict": "undecided"})
}

test_a_verdict_that_is_not_there_is_undecided if {
	says(0, 0, 1) with input as {"gaia": {"kind": "provision"}, "budgets": [{"scope": "acme/dev/*"}]}
}

test_retiring_is_allowed if says(0, 0, 0) with input as asked("retire", {"verdict": "deny"})

test_without_budgets_nothing_is_said if says(0, 0, 0) with input as {"gaia": {"kind": "provision"}}

test_a_waiver_is_of_what_the_request_costs if {
	little := {"share": "10", "limit": "100", "verdict": "deny"}
	alone := within_budget.deny with input as asked("provision", little)
	crowded := within_budget.deny with input as asked("provision", object.union(little, {"committed": 400}))
	more := within_budget.deny with input as asked("provision", object.union(little, {"share": "11"}))
	{one.value | some one in alone} == {one.value | some one in crowded}
	{one.value | some one in alone} != {one.value | some one in more}
}

test_what_is_not_known_of_the_request_has_no_value_of_its_own if {
	found := within_budget.deny with input as asked("provision", {"committed": 400, "verdict": "deny"})
	count(found) == 1
	every one in found { not one.value }
}
