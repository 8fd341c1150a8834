package gaia.plan.encrypted_in_transit_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.encrypted_in_transit

says(deny, undecided) if {
	count(encrypted_in_transit.deny) == deny
	count(encrypted_in_transit.undecided) == undecided
}

cache(after, after_unknown) := sample.planned("aws_elasticache_replication_group", after, after_unknown)

parameter(value, after_unknown) := sample.planned("aws_db_parameter_group", {"parameter": [object.union({"name": "rds.force_ssl"}, value)]}, after_unknown)

test_tls_is_allowed if {
	says(0, 0) with input as cache({"transit_encryption_enabled": true}, {})
	says(0, 0) with input as parameter({"value": "1"}, {})
}

test_another_parameter_is_allowed if says(0, 0) with input as sample.planned("aws_db_parameter_group", {"parameter": [{"name": "work_mem", "value": "0"}]}, {})

test_clear_is_denied if {
	says(1, 0) with input as cache({"transit_encryption_enabled": false}, {})
	says(1, 0) with input as cache({}, {})
	says(1, 0) with input as parameter({"value": "0"}, {})
}

test_a_broker_is_denied if {
	clear := {"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS_PLAINTEXT", "in_cluster": true}]}]}
	says(1, 0) with input as sample.planned("aws_msk_cluster", clear, {})
}

test_unknown_is_undecided if {
	says(0, 1) with input as cache({}, {"transit_encryption_enabled": true})
	says(0, 1) with input as parameter({}, {"parameter": [{"value": true}]})
}

test_blocks_that_are_unknown_as_a_whole_are_undecided if {
	says(0, 1) with input as sample.coded(sample.planned("aws_ecs_task_definition", {}, {"volume": true}), {})
	says(0, 1) with input as sample.coded(sample.planned("aws_db_parameter_group", {}, {"parameter": true}), {})
}

test_a_volume_that_says_nothing_is_allowed if says(0, 0) with input as sample.coded(sample.planned("aws_ecs_task_definition", {"volume": []}, {}), {})
