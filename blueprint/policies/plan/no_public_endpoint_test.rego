package gaia.plan.no_public_endpoint_test

import data.gaia.plan.no_public_endpoint

planned(kind, after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

nothing if {
	count(no_public_endpoint.deny) == 0
	count(no_public_endpoint.undecided) == 0
}

test_destroying_is_allowed if {
	nothing with input as {"resource_changes": [{"address": "this", "mode": "managed", "type": "aws_db_instance", "change": {"actions": ["delete"], "after": null}}]}
}

test_a_private_database_is_allowed if nothing with input as planned("aws_db_instance", {"publicly_accessible": false}, {})

test_one_that_says_nothing_is_allowed if nothing with input as planned("aws_db_instance", {}, {})

test_a_private_cluster_is_allowed if nothing with input as planned("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": false}]}, {})

test_a_cluster_open_to_one_network_is_allowed if nothing with input as planned("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": true, "public_access_cidrs": ["203.0.113.0/24"]}]}, {})

test_a_template_without_interfaces_is_allowed if nothing with input as planned("aws_launch_template", {"network_interfaces": []}, {})

test_a_public_database_is_denied if {
	count(no_public_endpoint.deny) == 1 with input as planned("aws_db_instance", {"publicly_accessible": true}, {})
}

test_a_cluster_open_to_the_world_is_denied if {
	count(no_public_endpoint.deny) == 1 with input as planned("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": true, "public_access_cidrs": ["0.0.0.0/0"]}]}, {})
}

test_a_machine_with_a_public_address_is_denied if {
	count(no_public_endpoint.deny) == 1 with input as planned("aws_instance", {"associate_public_ip_address": true}, {})
}

test_a_subnet_that_gives_public_addresses_is_denied if {
	count(no_public_endpoint.deny) == 1 with input as planned("aws_subnet", {"map_public_ip_on_launch": true}, {})
}

test_a_template_with_a_public_address_is_denied if {
	count(no_public_endpoint.deny) == 1 with input as planned("aws_launch_template", {"network_interfaces": [{"associate_public_ip_address": "true"}]}, {})
}

test_an_unknown_answer_is_undecided if {
	change := planned("aws_instance", {}, {"associate_public_ip_address": true})
	count(no_public_endpoint.deny) == 0 with input as change
	count(no_public_endpoint.undecided) == 1 with input as change
}

test_a_cluster_for_both_halves_of_the_world_is_denied if {
	halves := ["0.0.0.0/1", "128.0.0.0/1"]
	count(no_public_endpoint.deny) == 1 with input as planned("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": true, "public_access_cidrs": halves}]}, {})
}

test_networks_of_a_cluster_that_are_not_known_are_undecided if {
	code := {"configuration": {"root_module": {"resources": [{
		"address": "aws_eks_cluster.this",
		"expressions": {"vpc_config": [{"public_access_cidrs": {"references": ["var.networks"]}}]},
	}]}}}
	change := planned("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": true}]}, {"vpc_config": [{"public_access_cidrs": true}]})
	count(no_public_endpoint.deny) == 0 with input as object.union(change, code)
	count(no_public_endpoint.undecided) == 1 with input as object.union(change, code)
}

test_a_cluster_for_networks_that_are_the_world_together_is_denied if {
	parts := ["3.0.0.0/8", "4.0.0.0/8"]
	count(no_public_endpoint.deny) == 1 with input as planned("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": true, "public_access_cidrs": parts}]}, {})
}
