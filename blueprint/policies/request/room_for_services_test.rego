package gaia.request.room_for_services_test

import data.gaia.request.room_for_services

says(deny, undecided) if {
	count(room_for_services.deny) == deny
	count(room_for_services.undecided) == undecided
}

asked(kind, services) := {"gaia": {"kind": kind, "stage": "dev"}, "services": services}

test_one_more_is_allowed if says(0, 0) with input as asked("provision", 199)

test_trying_a_template_is_allowed if says(0, 0) with input as asked("provision", null)

test_retiring_is_allowed if says(0, 0) with input as asked("retire", 1000)

test_one_too_many_is_denied if says(1, 0) with input as asked("provision", 200)

test_an_unknown_number_is_undecided if says(0, 1) with input as asked("provision", {"$unknown": true})

test_an_unsaid_stage_is_undecided if {
	says(0, 1) with input as {"gaia": {"kind": "provision"}, "services": 300}
	says(1, 0) with input as {"gaia": {"kind": "provision"}, "services": 500}
}
