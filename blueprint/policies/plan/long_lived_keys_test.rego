package gaia.plan.long_lived_keys_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.long_lived_keys

says(deny, undecided) if {
	count(long_lived_keys.deny) == deny
	count(long_lived_keys.undecided) == undecided
}

test_a_key_that_is_off_is_allowed if says(0, 0) with input as sample.planned("aws_iam_access_key", {"status": "Inactive"}, {})

test_destroying_a_key_is_allowed if says(0, 0) with input as sample.lost("aws_iam_access_key", {"status": "Active"}, ["delete"])

test_a_key_is_denied if {
	every after in [{}, {"status": null}, {"status": "Active"}] {
		says(1, 0) with input as sample.planned("aws_iam_access_key", after, {})
	}
}

test_a_password_is_denied if {
	says(1, 0) with input as sample.planned("aws_iam_user_login_profile", {"user": "ann"}, {})
	says(1, 0) with input as sample.planned("aws_iam_service_specific_credential", {"status": "Active"}, {})
}

test_an_unknown_status_is_undecided if says(0, 1) with input as sample.planned("aws_iam_access_key", {}, {"status": true})
