package gaia.plan.prefix_lists_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.prefix_lists

says(deny, undecided) if {
	count(prefix_lists.deny) == deny
	count(prefix_lists.undecided) == undecided
}

test_named_networks_are_allowed if says(0, 0) with input as sample.planned("aws_ec2_managed_prefix_list", {"entry": [{"cidr": "10.1.0.0/16"}]}, {})

test_the_world_is_denied if {
	says(1, 0) with input as sample.planned("aws_ec2_managed_prefix_list", {"entry": [{"cidr": "10.1.0.0/16"}, {"cidr": "0.0.0.0/0"}]}, {})
	says(1, 0) with input as sample.planned("aws_ec2_managed_prefix_list_entry", {"cidr": "::/0"}, {})
}

test_unknown_entries_are_undecided if {
	says(0, 1) with input as sample.planned("aws_ec2_managed_prefix_list_entry", {}, {"cidr": true})
	says(0, 1) with input as sample.planned("aws_ec2_managed_prefix_list", {"entry": [{}]}, {"entry": [{"cidr": true}]})
	says(0, 1) with input as sample.planned("aws_ec2_managed_prefix_list", {}, {"entry": true})
	says(0, 1) with input as sample.coded(sample.planned("aws_ec2_managed_prefix_list", {}, {"entry": true}), {})
	says(0, 1) with input as sample.coded(sample.updated("aws_ec2_managed_prefix_list", {}, {"entry": true}), {})
}

test_a_list_whose_entries_stand_apart_is_allowed if {
	entry := sample.resource("aws_ec2_managed_prefix_list_entry", {"cidr": "10.1.0.0/16"}, {"prefix_list_id": true})
	list := sample.resource("aws_ec2_managed_prefix_list", {}, {"entry": true})
	code := [
		{"address": "aws_ec2_managed_prefix_list.this", "expressions": {}},
		{"address": "aws_ec2_managed_prefix_list_entry.this", "expressions": {"prefix_list_id": {"references": ["aws_ec2_managed_prefix_list.this.id"]}}},
	]
	says(0, 0) with input as {"resource_changes": [list, entry], "configuration": {"root_module": {"resources": code}}}
}

test_a_list_that_is_let_in_is_a_warning if {
	count(prefix_lists.warn) == 1 with input as sample.planned("aws_security_group", {"ingress": [{"prefix_list_ids": ["pl-1"], "from_port": 443, "to_port": 443, "protocol": "tcp"}]}, {})
}

test_networks_that_are_the_world_together_are_denied if {
	says(1, 0) with input as sample.planned("aws_ec2_managed_prefix_list", {"entry": [{"cidr": "3.0.0.0/8"}, {"cidr": "4.0.0.0/8"}]}, {})
}
