package gaia.plan.cost_threshold_test

import data.gaia.plan.cost_threshold

says(deny, undecided) if {
	count(cost_threshold.deny) == deny
	count(cost_threshold.undecided) == undecided
}

estimate(more, total) := {
	"gaia": {"stage": "dev"},
	"cost": {"diffTotalMonthlyCost": more, "totalMonthlyCost": total},
	"resource_changes": [{"change": {"actions": ["create"]}}],
}

test_what_the_stage_can_pay_is_allowed if {
	says(0, 0) with input as estimate("12.5", "100")
	says(0, 0) with input as estimate("0", "0")
	says(0, 0) with input as estimate(-700, 20)
}

test_a_plan_without_an_estimate_is_allowed if says(0, 0) with input as {"gaia": {"stage": "dev"}}

test_too_much_more_is_denied if says(1, 0) with input as estimate("500.01", "600")

test_too_much_in_all_is_denied if says(1, 0) with input as estimate("1", "2000.5")

test_what_is_not_known_is_undecided if {
	says(0, 1) with input as estimate(null, "7")
	says(0, 1) with input as object.union(object.remove(estimate(0, 0), ["cost"]), {"cost": {}})
}

test_what_is_known_is_denied_beside_what_is_not if says(1, 1) with input as estimate(null, "2000.5")

test_nothing_to_change_is_allowed if {
	says(0, 0) with input as object.union(estimate(null, null), {"resource_changes": [{"change": {"actions": ["no-op"]}}]})
}

test_taking_away_is_allowed if {
	says(0, 0) with input as object.union(estimate(null, null), {"gaia": {"stage": "dev", "kind": "retire"}})
}

test_an_unsaid_stage_is_undecided if {
	says(0, 1) with input as object.remove(estimate("600", "700"), ["gaia"])
	says(0, 1) with input as object.remove(estimate("1", "3000"), ["gaia"])
}

test_what_no_stage_can_pay_is_denied_of_an_unsaid_one if says(1, 0) with input as object.remove(estimate("5001", "20"), ["gaia"])

test_what_every_stage_can_pay_is_allowed_of_an_unsaid_one if says(0, 0) with input as object.remove(estimate("5", "20"), ["gaia"])
