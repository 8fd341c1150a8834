package gaia.plan.network_acls_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.network_acls

says(deny, undecided) if {
	count(network_acls.deny) == deny
	count(network_acls.undecided) == undecided
}

rule(after, after_unknown) := sample.planned("aws_network_acl_rule", object.union({"egress": false, "rule_action": "allow", "protocol": "6"}, after), after_unknown)

inline(kind, block) := sample.planned(kind, {"ingress": [object.union({"action": "allow", "protocol": "6", "from_port": 22, "to_port": 22}, block)]}, {})

test_answers_are_allowed if says(0, 0) with input as rule({"cidr_block": "0.0.0.0/0", "from_port": 1024, "to_port": 3000}, {})

test_outgoing_is_allowed if says(0, 0) with input as rule({"egress": true, "cidr_block": "0.0.0.0/0", "from_port": 22, "to_port": 22}, {})

test_a_refusal_is_allowed if says(0, 0) with input as inline("aws_network_acl", {"action": "deny", "cidr_block": "0.0.0.0/0"})

test_a_named_network_is_allowed if says(0, 0) with input as inline("aws_network_acl", {"cidr_block": "10.1.0.0/16"})

test_ssh_from_everywhere_is_denied if says(1, 0) with input as rule({"cidr_block": "0.0.0.0/0", "from_port": 22, "to_port": 22}, {})

test_answers_around_remote_management_are_allowed if says(0, 0) with input as rule({"cidr_block": "0.0.0.0/0", "from_port": 3390, "to_port": 65535}, {})

test_remote_management_is_denied if says(2, 0) with input as rule({"cidr_block": "0.0.0.0/0", "from_port": 5985, "to_port": 5986}, {})

test_inline_and_default_ones_are_denied if {
	every kind in ["aws_network_acl", "aws_default_network_acl"] {
		says(1, 0) with input as inline(kind, {"cidr_block": "0.0.0.0/0"})
		says(1, 0) with input as inline(kind, {"ipv6_cidr_block": "::/0", "cidr_block": ""})
		says(4, 0) with input as inline(kind, {"cidr_block": "0.0.0.0/0", "protocol": "-1", "from_port": 0, "to_port": 0})
	}
}

test_unknown_networks_are_undecided if {
	says(0, 1) with input as rule({"from_port": 22, "to_port": 22}, {"cidr_block": true})
	says(0, 1) with input as sample.planned("aws_network_acl", {}, {"ingress": true})
	says(0, 1) with input as sample.coded(sample.updated("aws_network_acl", {}, {"ingress": true}), {})
	says(0, 1) with input as sample.coded(sample.planned("aws_default_network_acl", {}, {"ingress": true}), {})
	says(0, 1) with input as sample.planned("aws_network_acl", {"ingress": [{"action": "allow"}]}, {"ingress": [{"cidr_block": true}]})
}

test_an_acl_with_rules_elsewhere_is_allowed if says(0, 0) with input as sample.coded(sample.planned("aws_network_acl", {}, {"ingress": true}), {})

test_networks_that_are_the_world_together_are_denied if {
	blocks := [{"action": "allow", "protocol": "6", "from_port": 22, "to_port": 22, "cidr_block": network} | some network in ["3.0.0.0/8", "4.0.0.0/8"]]
	says(2, 0) with input as sample.planned("aws_network_acl", {"ingress": blocks}, {})
}
