package gaia.plan.no_open_ingress_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.no_open_ingress

planned(kind, after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

nothing if {
	count(no_open_ingress.deny) == 0
	count(no_open_ingress.undecided) == 0
}

test_destroying_is_allowed if {
	nothing with input as {"resource_changes": [{"address": "this", "mode": "managed", "type": "aws_vpc_security_group_ingress_rule", "change": {"actions": ["delete"], "after": null}}]}
}

test_a_named_network_is_allowed if nothing with input as planned("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "10.0.0.0/8", "cidr_ipv6": null, "from_port": 5432, "to_port": 5432, "ip_protocol": "tcp"}, {})

test_the_web_is_allowed if nothing with input as planned("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "0.0.0.0/0", "cidr_ipv6": null, "from_port": 443, "to_port": 443, "ip_protocol": "tcp"}, {})

test_a_group_without_rules_is_allowed if nothing with input as planned("aws_security_group", {"ingress": []}, {})

test_ssh_from_everywhere_is_denied if {
	count(no_open_ingress.deny) == 1 with input as planned("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "0.0.0.0/0", "cidr_ipv6": null, "from_port": 22, "to_port": 22, "ip_protocol": "tcp"}, {})
}

test_half_the_world_is_denied if {
	count(no_open_ingress.deny) == 1 with input as planned("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "128.0.0.0/1", "cidr_ipv6": null, "from_port": 22, "to_port": 22, "ip_protocol": "tcp"}, {})
}

test_everywhere_by_ipv6_is_denied if {
	count(no_open_ingress.deny) == 1 with input as planned("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": null, "cidr_ipv6": "::/0", "from_port": 3306, "to_port": 3306, "ip_protocol": "tcp"}, {})
}

test_every_port_is_denied if {
	count(no_open_ingress.deny) == 1 with input as planned("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "0.0.0.0/0", "cidr_ipv6": null, "from_port": null, "to_port": null, "ip_protocol": "-1"}, {})
}

test_a_range_around_the_web_is_denied if {
	count(no_open_ingress.deny) == 1 with input as planned("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "0.0.0.0/0", "cidr_ipv6": null, "from_port": 80, "to_port": 443, "ip_protocol": "tcp"}, {})
}

test_an_old_rule_is_denied if {
	count(no_open_ingress.deny) == 1 with input as planned("aws_security_group_rule", {"type": "ingress", "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [], "from_port": 22, "to_port": 22, "protocol": "tcp"}, {})
}

test_an_inline_rule_is_denied if {
	count(no_open_ingress.deny) == 1 with input as planned("aws_security_group", {"ingress": [{"cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [], "from_port": 3389, "to_port": 3389, "protocol": "tcp"}]}, {})
}

test_an_unknown_network_is_undecided if {
	change := planned("aws_vpc_security_group_ingress_rule", {"from_port": 22, "to_port": 22, "ip_protocol": "tcp", "cidr_ipv6": null}, {"cidr_ipv4": true})
	count(no_open_ingress.deny) == 0 with input as change
	count(no_open_ingress.undecided) == 1 with input as change
}

test_the_web_is_a_warning if {
	count(no_open_ingress.warn) == 1 with input as planned("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "0.0.0.0/0", "cidr_ipv6": null, "from_port": 443, "to_port": 443, "ip_protocol": "tcp"}, {})
}

test_a_group_with_rules_elsewhere_is_allowed if nothing with input as sample.coded(planned("aws_security_group", {}, {"ingress": true}), {})

test_rules_that_are_unknown_as_a_whole_are_undecided if {
	every kind in ["aws_security_group", "aws_default_security_group"] {
		said := sample.coded(sample.planned(kind, {}, {"ingress": true}), {"ingress": {"references": ["var.rules"]}})
		count(no_open_ingress.undecided) == 1 with input as said
		dynamic := sample.coded(sample.updated(kind, {}, {"ingress": true}), {})
		count(no_open_ingress.undecided) == 1 with input as dynamic
	}
}

test_an_unknown_inline_rule_is_undecided if {
	change := planned("aws_security_group", {"ingress": [{"from_port": 22, "to_port": 22, "protocol": "tcp"}]}, {"ingress": [{"cidr_blocks": true}]})
	count(no_open_ingress.undecided) == 1 with input as change
}

test_an_unknown_network_of_an_old_rule_is_undecided if {
	change := planned("aws_security_group_rule", {"type": "ingress", "from_port": 22, "to_port": 22, "protocol": "tcp"}, {"cidr_blocks": true})
	count(no_open_ingress.deny) == 0 with input as change
	count(no_open_ingress.undecided) == 1 with input as change
}

test_an_unknown_network_out_is_allowed if nothing with input as planned("aws_security_group_rule", {"type": "egress", "from_port": 22, "to_port": 22, "protocol": "tcp"}, {"cidr_blocks": true})

test_the_world_on_an_unknown_port_is_denied if {
	denied := no_open_ingress.deny with input as planned("aws_security_group_rule", {"type": "ingress", "cidr_blocks": ["0.0.0.0/0"], "protocol": "tcp"}, {"from_port": true, "to_port": true})
	{one.message | some one in denied} == {"0.0.0.0/0 may come in on ports that are known only after apply"}
	count(no_open_ingress.deny) == 1 with input as planned("aws_security_group", {"ingress": [{"cidr_blocks": ["0.0.0.0/0"], "protocol": "tcp"}]}, {})
}

test_an_unknown_rule_of_the_default_group_is_undecided if {
	count(no_open_ingress.undecided) == 1 with input as planned("aws_default_security_group", {"ingress": [{"from_port": 22, "to_port": 22, "protocol": "tcp"}]}, {"ingress": [{"cidr_blocks": true}]})
}

test_nothing_where_there_should_be_a_list_is_read if {
	odd := {"type": "ingress", "cidr_blocks": null, "ipv6_cidr_blocks": null, "prefix_list_ids": null, "from_port": 22, "to_port": 22, "protocol": "tcp"}
	nothing with input as planned("aws_security_group_rule", odd, {})
	nothing with input as planned("aws_security_group", {"ingress": null}, {})
	nothing with input as planned("aws_security_group", {"ingress": [odd]}, {})
}

eighths(numbers) := [sprintf("%d.0.0.0/8", [number]) | some number in numbers]

test_networks_that_are_the_world_together_are_denied if {
	whole := {"ingress": [{"cidr_blocks": eighths(numbers.range(0, 255)), "from_port": 5432, "to_port": 5432, "protocol": "tcp"}]}
	count(no_open_ingress.deny) > 1 with input as planned("aws_security_group", whole, {})
	blocks := {"ingress": [{"cidr_blocks": [network], "from_port": 5432, "to_port": 5432, "protocol": "tcp"} | some network in eighths([3, 4])]}
	count(no_open_ingress.deny) == 2 with input as planned("aws_security_group", blocks, {})
	six := {"ingress": [{"ipv6_cidr_blocks": ["2600::/8", "2a00::/8"], "from_port": 5432, "to_port": 5432, "protocol": "tcp"}]}
	count(no_open_ingress.deny) == 2 with input as planned("aws_security_group", six, {})
}

rule(number, group) := {
	"address": sprintf("aws_vpc_security_group_ingress_rule.this[%d]", [number]),
	"mode": "managed", "type": "aws_vpc_security_group_ingress_rule", "name": "this", "index": number,
	"change": {"actions": ["create"], "after": object.union(group, {"cidr_ipv4": sprintf("%d.0.0.0/8", [number]), "from_port": 22, "to_port": 22, "ip_protocol": "tcp"}), "after_unknown": {}},
}

test_rules_of_one_group_that_are_the_world_together_are_denied if {
	count(no_open_ingress.deny) == 2 with input as {"resource_changes": [rule(3, {"security_group_id": "sg-1"}), rule(4, {"security_group_id": "sg-1"})]}
	code := {"configuration": {"root_module": {"resources": [{"address": "aws_vpc_security_group_ingress_rule.this", "expressions": {"security_group_id": {"references": ["aws_security_group.this"]}}}]}}}
	count(no_open_ingress.deny) == 2 with input as object.union({"resource_changes": [rule(3, {}), rule(4, {})]}, code)
}

test_networks_that_stay_small_together_are_allowed if {
	nothing with input as {"resource_changes": [rule(3, {"security_group_id": "sg-1"}), rule(4, {"security_group_id": "sg-2"})]}
	nothing with input as planned("aws_security_group", {"ingress": [{"cidr_blocks": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "3.0.0.0/9"], "from_port": 5432, "to_port": 5432, "protocol": "tcp"}]}, {})
	apart := [{"cidr_blocks": [sprintf("%d.0.0.0/8", [number])], "from_port": number, "to_port": number, "protocol": "tcp"} | some number in [3, 4]]
	nothing with input as planned("aws_security_group", {"ingress": apart}, {})
}
