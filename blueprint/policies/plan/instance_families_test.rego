package gaia.plan.instance_families_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.instance_families

says(deny, undecided) if {
	count(instance_families.deny) == deny
	count(instance_families.undecided) == undecided
}

machine(stage, kind) := sample.of(stage, sample.planned("aws_instance", {"instance_type": kind}, {}))

database(stage, class) := sample.of(stage, sample.planned("aws_db_instance", {"instance_class": class}, {}))

test_what_the_stage_is_made_for_is_allowed if {
	says(0, 0) with input as machine("dev", "t3.large")
	says(0, 0) with input as machine("prod", "m7i.4xlarge")
	says(0, 0) with input as database("prod", "db.r6g.large")
	says(0, 0) with input as database("dev", "db.t4g.micro")
	says(0, 0) with input as sample.of("prod", sample.planned("aws_rds_cluster_instance", {"instance_class": "db.serverless"}, {}))
}

test_a_burstable_database_of_production_is_denied if says(1, 0) with input as database("prod", "db.t4g.medium")

test_a_large_machine_of_development_is_denied if says(1, 0) with input as machine("dev", "m7i.16xlarge")

test_machines_for_learning_are_denied if says(1, 0) with input as machine("prod", "p4d.24xlarge")

test_each_type_of_a_node_group_is_read_denied if {
	says(1, 0) with input as sample.of("dev", sample.planned("aws_eks_node_group", {"instance_types": ["t3.large", "g5.xlarge"]}, {}))
}

test_an_unknown_machine_is_undecided if {
	says(0, 1) with input as sample.of("dev", sample.planned("aws_instance", {}, {"instance_type": true}))
	says(0, 1) with input as sample.of("dev", sample.planned("aws_eks_node_group", {}, {"instance_types": true}))
}

unsaid(kind, attribute, class) := sample.planned(kind, {attribute: class}, {})

test_an_unsaid_stage_is_undecided if {
	says(0, 1) with input as unsaid("aws_db_instance", "instance_class", "db.t4g.medium")
	says(0, 1) with input as unsaid("aws_instance", "instance_type", "m7i.16xlarge")
}

test_what_no_stage_may_is_denied_of_an_unsaid_one if says(1, 0) with input as unsaid("aws_instance", "instance_type", "p4d.24xlarge")

test_what_every_stage_may_is_allowed_of_an_unsaid_one if says(0, 0) with input as unsaid("aws_db_instance", "instance_class", "db.r6g.large")
