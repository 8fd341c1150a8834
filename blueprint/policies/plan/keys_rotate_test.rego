package gaia.plan.keys_rotate_test

import data.gaia.plan.keys_rotate

planned(kind, after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

nothing if {
	count(keys_rotate.deny) == 0
	count(keys_rotate.undecided) == 0
}

test_destroying_is_allowed if {
	nothing with input as {"resource_changes": [{"address": "this", "mode": "managed", "type": "aws_kms_key", "change": {"actions": ["delete"], "after": null}}]}
}

test_a_rotating_key_is_allowed if nothing with input as planned("aws_kms_key", {"enable_key_rotation": true}, {})

test_a_signing_key_is_allowed if nothing with input as planned("aws_kms_key", {"customer_master_key_spec": "RSA_2048"}, {})

test_a_key_for_ever_is_denied if {
	count(keys_rotate.deny) == 1 with input as planned("aws_kms_key", {"enable_key_rotation": false}, {})
}

test_a_key_that_says_nothing_is_denied if {
	count(keys_rotate.deny) == 1 with input as planned("aws_kms_key", {}, {})
}

test_an_unknown_rotation_is_undecided if {
	change := planned("aws_kms_key", {}, {"enable_key_rotation": true})
	count(keys_rotate.deny) == 0 with input as change
	count(keys_rotate.undecided) == 1 with input as change
}
