package gaia.request.reserved_name_test

import data.gaia.request.reserved_name

asked(name) := {"gaia": {"kind": "provision", "service": name}}

nothing if {
	count(reserved_name.deny) == 0
	count(reserved_name.undecided) == 0
}

test_ordinary_name_is_allowed if nothing with input as asked("orders")

test_name_that_only_resembles_one_is_allowed if nothing with input as asked("gaiacraft")

test_reserved_name_is_denied if count(reserved_name.deny) == 1 with input as asked("gaia")

test_reserved_beginning_is_denied if count(reserved_name.deny) == 1 with input as asked("Terraform-state")

test_retiring_such_a_service_is_allowed if {
	nothing with input as {"gaia": {"kind": "retire", "service": "gaia"}}
}

test_unknown_name_is_undecided if count(reserved_name.undecided) == 1 with input as {"gaia": {"kind": "provision"}}
