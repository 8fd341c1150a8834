package gaia.request.within_quota_test

import data.gaia.request.within_quota

says(deny, undecided) if {
	count(within_quota.deny) == deny
	count(within_quota.undecided) == undecided
}

quota := {"scope": "acme/dev/*", "measure": "vcpu", "most": 16, "used": 8, "unknown": [], "verdict": "allow"}

asked(kind, changes) := {"gaia": {"kind": kind}, "quotas": [object.union(quota, changes)]}

test_what_fits_is_allowed if says(0, 0) with input as asked("provision", {})

test_what_is_too_much_is_denied if says(1, 0) with input as asked("provision", {"used": 18, "verdict": "deny"})

test_a_change_that_is_too_much_is_denied if says(1, 0) with input as asked("change", {"used": 18, "verdict": "deny"})

test_an_unknown_size_is_undecided if {
	says(0, 1) with input as asked("provision", {"unknown": ["orders"], "verdict": "undecided"})
}

test_a_verdict_that_is_not_there_is_undecided if {
	says(0, 1) with input as {"gaia": {"kind": "provision"}, "quotas": [{"measure": "vcpu"}]}
}

test_each_measure_is_judged if {
	both := [object.union(quota, {"measure": one, "verdict": "deny", "words": {"limit": one}}) | some one in ["vcpu", "memory_gib"]]
	says(2, 0) with input as {"gaia": {"kind": "provision"}, "quotas": both}
}

test_retiring_is_allowed if says(0, 0) with input as asked("retire", {"verdict": "deny"})

test_without_quotas_nothing_is_said if says(0, 0) with input as {"gaia": {"kind": "provision"}}

test_a_waiver_is_of_what_the_request_takes if {
	little := {"share": "2", "limit": "16", "verdict": "deny"}
	alone := within_quota.deny with input as asked("provision", little)
	crowded := within_quota.deny with input as asked("provision", object.union(little, {"used": 40}))
	more := within_quota.deny with input as asked("provision", object.union(little, {"share": "3"}))
	{one.value | some one in alone} == {one.value | some one in crowded}
	{one.value | some one in alone} != {one.value | some one in more}
}

test_what_is_not_known_of_the_request_has_no_value_of_its_own if {
	found := within_quota.deny with input as asked("provision", {"used": 40, "verdict": "deny"})
	count(found) == 1
	every one in found { not one.value }
}
