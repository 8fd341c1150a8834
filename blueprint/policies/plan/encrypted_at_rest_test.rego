package gaia.plan.encrypted_at_rest_test

import data.gaia.plan.encrypted_at_rest

planned(kind, after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

nothing if {
	count(encrypted_at_rest.deny) == 0
	count(encrypted_at_rest.undecided) == 0
}

test_destroying_is_allowed if {
	nothing with input as {"resource_changes": [{"address": "this", "mode": "managed", "type": "aws_db_instance", "change": {"actions": ["delete"], "after": null}}]}
}

test_an_encrypted_database_is_allowed if nothing with input as planned("aws_db_instance", {"storage_encrypted": true}, {})

test_a_topic_with_a_key_is_allowed if nothing with input as planned("aws_sns_topic", {"kms_master_key_id": "arn"}, {})

test_a_table_with_a_key_is_allowed if nothing with input as planned("aws_dynamodb_table", {"server_side_encryption": [{"enabled": true, "kms_key_arn": "arn"}]}, {})

test_a_cluster_with_encrypted_secrets_is_allowed if nothing with input as planned("aws_eks_cluster", {"encryption_config": [{"resources": ["secrets"]}]}, {})

test_another_type_is_allowed if nothing with input as planned("aws_iam_role", {}, {})

test_a_database_in_clear_is_denied if {
	count(encrypted_at_rest.deny) == 1 with input as planned("aws_db_instance", {"storage_encrypted": false}, {})
}

test_a_topic_without_a_key_is_denied if {
	count(encrypted_at_rest.deny) == 1 with input as planned("aws_sns_topic", {}, {})
}

test_a_queue_without_a_key_is_denied if {
	count(encrypted_at_rest.deny) == 1 with input as planned("aws_sqs_queue", {"kms_master_key_id": ""}, {})
}

test_a_volume_in_clear_is_denied if {
	count(encrypted_at_rest.deny) == 1 with input as planned("aws_ebs_volume", {"encrypted": false}, {})
}

test_a_registry_with_a_key_of_its_own_is_denied if {
	count(encrypted_at_rest.deny) == 1 with input as planned("aws_ecr_repository", {"encryption_configuration": [{"encryption_type": "AES256"}]}, {})
}

test_a_trail_in_clear_is_denied if {
	count(encrypted_at_rest.deny) == 1 with input as planned("aws_cloudtrail", {"kms_key_id": null}, {})
}

test_an_unknown_key_is_undecided if {
	change := planned("aws_sns_topic", {}, {"kms_master_key_id": true})
	count(encrypted_at_rest.deny) == 0 with input as change
	count(encrypted_at_rest.undecided) == 1 with input as change
}

test_each_disk_of_a_template_is_read_denied if {
	disks := {"block_device_mappings": [{"ebs": [{"encrypted": "true"}]}, {"ebs": [{"encrypted": "false"}]}]}
	count(encrypted_at_rest.deny) == 1 with input as planned("aws_launch_template", disks, {})
	count(encrypted_at_rest.deny) == 0 with input as planned("aws_launch_template", {"block_device_mappings": [{"ebs": [{"encrypted": "true"}]}]}, {})
}

test_unknown_disks_are_undecided if {
	count(encrypted_at_rest.undecided) == 1 with input as planned("aws_launch_template", {}, {"block_device_mappings": true})
}
