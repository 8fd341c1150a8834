package gaia.plan.production_survives_test

import data.gaia.plan.production_survives

planned(kind, after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}], "gaia": {"stage": "prod"}}

elsewhere(document) := object.union(document, {"gaia": {"stage": "dev"}})

nothing if {
	count(production_survives.deny) == 0
	count(production_survives.undecided) == 0
}

test_destroying_is_allowed if {
	nothing with input as {"resource_changes": [{"address": "this", "mode": "managed", "type": "aws_db_instance", "change": {"actions": ["delete"], "after": null}}]}
}

test_a_database_with_all_of_it_is_allowed if nothing with input as planned("aws_db_instance", {"multi_az": true, "deletion_protection": true, "backup_retention_period": 14}, {})

test_another_stage_is_allowed if nothing with input as elsewhere(planned("aws_db_instance", {"tags": {"stage": "prod"}, "multi_az": false}, {}))

test_a_protected_table_is_allowed if nothing with input as planned("aws_dynamodb_table", {"deletion_protection_enabled": true, "point_in_time_recovery": [{"enabled": true}]}, {})

test_one_zone_is_denied if {
	count(production_survives.deny) == 1 with input as planned("aws_db_instance", {"multi_az": false, "deletion_protection": true, "backup_retention_period": 14}, {})
}

test_a_week_of_backups_is_denied if {
	count(production_survives.deny) == 1 with input as planned("aws_rds_cluster", {"deletion_protection": true, "backup_retention_period": 7}, {})
}

test_a_table_that_can_go_is_denied if {
	count(production_survives.deny) == 1 with input as planned("aws_dynamodb_table", {"deletion_protection_enabled": false, "point_in_time_recovery": [{"enabled": true}]}, {})
}

test_a_load_balancer_that_can_go_is_denied if {
	count(production_survives.deny) == 1 with input as planned("aws_lb", {"enable_deletion_protection": false}, {})
}

test_an_unknown_standby_is_undecided if {
	change := planned("aws_db_instance", {"deletion_protection": true, "backup_retention_period": 14}, {"multi_az": true})
	count(production_survives.deny) == 0 with input as change
	count(production_survives.undecided) == 1 with input as change
}

test_a_tag_does_not_make_it_development_is_denied if {
	count(production_survives.deny) == 1 with input as planned("aws_lb", {"tags": {"stage": "dev"}, "enable_deletion_protection": false}, {})
}

test_an_unsaid_stage_is_undecided if {
	change := object.remove(planned("aws_lb", {"enable_deletion_protection": false}, {}), ["gaia"])
	count(production_survives.deny) == 0 with input as change
	count(production_survives.undecided) == 1 with input as change
}

test_an_unknown_standby_of_an_unsaid_stage_is_undecided if {
	change := planned("aws_db_instance", {"deletion_protection": true, "backup_retention_period": 14}, {"multi_az": true})
	count(production_survives.undecided) == 1 with input as object.remove(change, ["gaia"])
}
