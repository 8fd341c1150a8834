package gaia.manifest.encrypted_state_test

import data.gaia.manifest.encrypted_state

nothing if {
	count(encrypted_state.deny) == 0
	count(encrypted_state.undecided) == 0
}

test_encrypted_backend_is_allowed if nothing with input as {"backend_type": "s3", "backend": {"encrypt": true}}

test_another_backend_is_allowed if nothing with input as {"backend_type": "local", "backend": {}}

test_plain_backend_is_denied if {
	count(encrypted_state.deny) == 1 with input as {"backend_type": "s3", "backend": {"encrypt": false}}
}

test_backend_that_does_not_say_is_denied if {
	count(encrypted_state.deny) == 1 with input as {"backend_type": "s3", "backend": {}}
}

test_unknown_is_undecided if {
	every backend in [{"$unknown": true}, {"encrypt": {"$unknown": true}}] {
		count(encrypted_state.undecided) == 1 with input as {"backend_type": "s3", "backend": backend}
		count(encrypted_state.deny) == 0 with input as {"backend_type": "s3", "backend": backend}
	}
}
