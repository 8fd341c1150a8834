package gaia.plan.secrets_rotate_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.secrets_rotate

says(deny, undecided) if {
	count(secrets_rotate.deny) == deny
	count(secrets_rotate.undecided) == undecided
}

secret(tags) := sample.resource("aws_secretsmanager_secret", {"name": "acme/key", "tags": tags}, {})

rotation(after, after_unknown) := sample.resource("aws_secretsmanager_secret_rotation", after, after_unknown)

of(stage, resources) := sample.of(stage, {"resource_changes": resources})

test_one_that_rotates_is_allowed if says(0, 0) with input as of("prod", [secret({}), rotation({"secret_id": "acme/key", "rotation_rules": [{"automatically_after_days": 30}]}, {})])

test_one_that_says_why_not_is_allowed if says(0, 0) with input as of("prod", [secret({"rotation-exempt": "a licence"})])

test_development_is_allowed if says(0, 0) with input as of("dev", [secret({})])

test_one_that_stays_is_denied if {
	says(1, 0) with input as of("prod", [secret({})])
	says(1, 0) with input as of("prod", [secret({"rotation-exempt": " "})])
}

test_once_a_year_is_denied if {
	says(1, 0) with input as of("prod", [secret({}), rotation({"secret_id": "acme/key", "rotation_rules": [{"automatically_after_days": 365}]}, {})])
}

test_an_unknown_rotation_is_undecided if says(0, 1) with input as of("prod", [secret({}), rotation({}, {"secret_id": true})])

test_an_unsaid_stage_is_undecided if says(0, 1) with input as {"resource_changes": [secret({})]}

test_a_plan_of_rotation_that_is_unknown_as_a_whole_is_undecided if {
	says(0, 1) with input as of("prod", [secret({}), rotation({"secret_id": "acme/key"}, {"rotation_rules": true})])
	coded := sample.coded(sample.planned("aws_secretsmanager_secret_rotation", {"secret_id": "acme/key"}, {"rotation_rules": true}), {})
	says(0, 1) with input as sample.of("prod", coded)
}

test_once_a_year_of_an_unsaid_stage_is_undecided if {
	yearly := rotation({"secret_id": "acme/key", "rotation_rules": [{"automatically_after_days": 365}]}, {})
	says(0, 1) with input as {"resource_changes": [secret({}), yearly]}
}

test_an_unknown_time_between_rotations_is_undecided if {
	says(0, 1) with input as of("prod", [secret({}), rotation({"secret_id": "acme/key", "rotation_rules": [{}]}, {"rotation_rules": [{"automatically_after_days": true}]})])
}
