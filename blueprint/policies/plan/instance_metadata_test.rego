package gaia.plan.instance_metadata_test

import data.gaia.plan.instance_metadata

planned(kind, after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

nothing if {
	count(instance_metadata.deny) == 0
	count(instance_metadata.undecided) == 0
}

test_destroying_is_allowed if {
	nothing with input as {"resource_changes": [{"address": "this", "mode": "managed", "type": "aws_instance", "change": {"actions": ["delete"], "after": null}}]}
}

test_a_token_that_stays_is_allowed if nothing with input as planned("aws_instance", {"metadata_options": [{"http_tokens": "required", "http_put_response_hop_limit": 1}]}, {})

test_a_template_with_tokens_is_allowed if nothing with input as planned("aws_launch_template", {"metadata_options": [{"http_tokens": "required", "http_put_response_hop_limit": 1}]}, {})

test_an_optional_token_is_denied if {
	count(instance_metadata.deny) == 1 with input as planned("aws_instance", {"metadata_options": [{"http_tokens": "optional", "http_put_response_hop_limit": 1}]}, {})
}

test_a_token_that_travels_is_denied if {
	count(instance_metadata.deny) == 1 with input as planned("aws_launch_template", {"metadata_options": [{"http_tokens": "required", "http_put_response_hop_limit": 2}]}, {})
}

test_an_unknown_token_is_undecided if {
	change := planned("aws_instance", {"metadata_options": [{"http_put_response_hop_limit": 1}]}, {"metadata_options": [{"http_tokens": true}]})
	count(instance_metadata.deny) == 0 with input as change
	count(instance_metadata.undecided) == 1 with input as change
}

test_no_options_are_denied if {
	count(instance_metadata.deny) == 2 with input as planned("aws_launch_template", {"metadata_options": []}, {})
}
