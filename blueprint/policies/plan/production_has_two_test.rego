package gaia.plan.production_has_two_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.production_has_two

says(deny, undecided) if {
	count(production_has_two.deny) == deny
	count(production_has_two.undecided) == undecided
}

cluster := sample.resource("aws_rds_cluster", {"engine": "aurora-postgresql", "cluster_identifier": "orders"}, {})

instance(name) := object.union(sample.resource("aws_rds_cluster_instance", {"cluster_identifier": "orders"}, {}), {"address": name})

gateway(zone) := object.union(sample.resource("aws_nat_gateway", {}, {"id": true}), {"address": zone})

subnet(zone) := object.union(sample.resource("aws_subnet", {"availability_zone": zone}, {}), {"address": zone})

of(stage, resources) := sample.of(stage, {"resource_changes": resources})

test_two_instances_are_allowed if says(0, 0) with input as of("prod", [cluster, instance("a"), instance("b")])

test_one_gateway_a_zone_is_allowed if says(0, 0) with input as of("prod", [subnet("a"), subnet("b"), gateway("a"), gateway("b")])

test_one_gateway_for_one_zone_is_allowed if says(0, 0) with input as of("prod", [subnet("a"), gateway("a")])

test_development_is_allowed if says(0, 0) with input as of("dev", [cluster, subnet("a"), subnet("b"), gateway("a")])

test_one_instance_is_denied if says(1, 0) with input as of("prod", [cluster, instance("a")])

test_one_gateway_is_denied if says(1, 0) with input as of("prod", [subnet("a"), subnet("b"), gateway("a")])

test_instances_of_nobody_knows_whom_are_undecided if {
	loose := sample.resource("aws_rds_cluster_instance", {}, {"cluster_identifier": true})
	says(0, 1) with input as of("prod", [cluster, instance("a"), loose])
}

test_an_unsaid_stage_is_undecided if says(0, 1) with input as {"resource_changes": [cluster]}

test_an_engine_that_is_not_known_is_undecided if {
	nameless := sample.resource("aws_rds_cluster", {"cluster_identifier": "orders"}, {"engine": true})
	says(0, 1) with input as of("prod", [nameless])
	says(0, 1) with input as {"resource_changes": [nameless]}
}
