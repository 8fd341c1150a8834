package gaia.plan.admin_ports_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.admin_ports

says(deny, undecided) if {
	count(admin_ports.deny) == deny
	count(admin_ports.undecided) == undecided
}

rule(after, after_unknown) := sample.planned("aws_security_group_rule", object.union({"type": "ingress", "protocol": "tcp"}, after), after_unknown)

test_a_named_network_is_allowed if {
	every network in ["10.1.0.0/16", "192.168.4.0/24", "203.0.113.0/24", "203.0.113.7/32"] {
		says(0, 0) with input as rule({"cidr_blocks": [network], "from_port": 22, "to_port": 22}, {})
	}
	says(0, 0) with input as rule({"ipv6_cidr_blocks": ["2001:db8:1::/48"], "from_port": 22, "to_port": 22}, {})
}

test_another_port_is_allowed if says(0, 0) with input as rule({"cidr_blocks": ["10.0.0.0/8"], "from_port": 443, "to_port": 443}, {})

test_a_wide_network_is_denied if {
	every network in ["10.0.0.0/8", "172.16.0.0/12", "203.0.0.0/16", "8.0.0.0/9"] {
		says(1, 0) with input as rule({"cidr_blocks": [network], "from_port": 3389, "to_port": 3389}, {})
	}
	says(1, 0) with input as rule({"ipv6_cidr_blocks": ["2001:db8::/32"], "from_port": 22, "to_port": 22}, {})
}

test_a_range_around_the_port_is_denied if {
	says(1, 0) with input as rule({"cidr_blocks": ["10.0.0.0/8"], "from_port": 20, "to_port": 25}, {})
}

test_somebody_elses_prefix_list_is_denied if {
	says(1, 0) with input as rule({"prefix_list_ids": ["pl-1"], "from_port": 22, "to_port": 22}, {})
	says(1, 0) with input as sample.planned("aws_vpc_security_group_ingress_rule", {"prefix_list_id": "pl-1", "from_port": 22, "to_port": 22, "ip_protocol": "tcp"}, {})
}

test_unknown_networks_are_undecided if {
	says(0, 1) with input as rule({"from_port": 22, "to_port": 22}, {"cidr_blocks": true})
}

test_what_is_no_network_breaks_nothing_allowed if {
	every network in ["x/4", "999.0.0.0/8", "::zz/60"] {
		count(admin_ports.undecided) == 0 with input as rule({"cidr_blocks": [network], "from_port": 22, "to_port": 22}, {})
	}
}
