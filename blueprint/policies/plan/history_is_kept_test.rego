package gaia.plan.history_is_kept_test

import data.gaia.plan.history_is_kept

planned(kind, after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

nothing if {
	count(history_is_kept.deny) == 0
	count(history_is_kept.undecided) == 0
}

test_destroying_is_allowed if {
	nothing with input as {"resource_changes": [{"address": "this", "mode": "managed", "type": "aws_cloudtrail", "change": {"actions": ["delete"], "after": null}}]}
}

test_a_whole_trail_is_allowed if nothing with input as planned("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true}, {})

test_fixed_scanned_images_are_allowed if nothing with input as planned("aws_ecr_repository", {"image_tag_mutability": "IMMUTABLE", "image_scanning_configuration": [{"scan_on_push": true}]}, {})

test_all_logs_of_a_cluster_are_allowed if nothing with input as planned("aws_eks_cluster", {"enabled_cluster_log_types": ["api", "audit", "authenticator", "controllerManager", "scheduler"]}, {})

test_a_trail_of_one_region_is_denied if {
	count(history_is_kept.deny) == 1 with input as planned("aws_cloudtrail", {"is_multi_region_trail": false, "enable_log_file_validation": true}, {})
}

test_images_that_are_replaced_are_denied if {
	count(history_is_kept.deny) == 1 with input as planned("aws_ecr_repository", {"image_tag_mutability": "MUTABLE", "image_scanning_configuration": [{"scan_on_push": true}]}, {})
}

test_a_load_balancer_without_logs_is_denied if {
	count(history_is_kept.deny) == 1 with input as planned("aws_lb", {"access_logs": [{"enabled": false}]}, {})
}

test_a_cluster_without_audit_is_denied if {
	count(history_is_kept.deny) == 1 with input as planned("aws_eks_cluster", {"enabled_cluster_log_types": ["api", "authenticator", "controllerManager", "scheduler"]}, {})
}

test_unknown_scanning_is_undecided if {
	change := planned("aws_ecr_repository", {"image_tag_mutability": "IMMUTABLE"}, {"image_scanning_configuration": true})
	count(history_is_kept.deny) == 0 with input as change
	count(history_is_kept.undecided) == 1 with input as change
}

test_unknown_cluster_logs_are_undecided if {
	change := planned("aws_eks_cluster", {}, {"enabled_cluster_log_types": true})
	count(history_is_kept.deny) == 0 with input as change
	count(history_is_kept.undecided) == 1 with input as change
}
