package gaia.plan.bucket_keys_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.bucket_keys

says(deny, undecided) if {
	count(bucket_keys.deny) == deny
	count(bucket_keys.undecided) == undecided
}

bucket := sample.resource("aws_s3_bucket", {"bucket": "orders"}, {"id": true})

encryption(algorithm, after_unknown) := sample.resource("aws_s3_bucket_server_side_encryption_configuration", {"bucket": "orders", "rule": [{"apply_server_side_encryption_by_default": [algorithm]}]}, after_unknown)

plan_of(resources) := {"resource_changes": resources}

test_a_key_is_allowed if says(0, 0) with input as plan_of([bucket, encryption({"sse_algorithm": "aws:kms"}, {})])

test_a_bucket_for_logs_is_allowed if {
	logging := sample.resource("aws_s3_bucket_logging", {"bucket": "x", "target_bucket": "orders"}, {})
	says(0, 0) with input as plan_of([bucket, logging, encryption({"sse_algorithm": "AES256"}, {})])
	delivery := sample.policy({"Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::orders/*"})
	policy := sample.resource("aws_s3_bucket_policy", {"bucket": "orders", "policy": delivery}, {})
	says(0, 0) with input as plan_of([bucket, policy, encryption({"sse_algorithm": "AES256"}, {})])
}

test_keys_of_s3_are_denied if says(1, 0) with input as plan_of([bucket, encryption({"sse_algorithm": "AES256"}, {})])

test_a_bucket_that_says_nothing_is_denied if says(1, 0) with input as plan_of([bucket])

inside(algorithm) := {"bucket": "orders", "server_side_encryption_configuration": [{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": algorithm}]}]}]}

test_a_block_inside_of_the_bucket_is_read if {
	says(0, 0) with input as sample.planned("aws_s3_bucket", inside("aws:kms"), {})
	says(1, 0) with input as sample.planned("aws_s3_bucket", inside("AES256"), {})
}

test_an_unknown_algorithm_is_undecided if {
	says(0, 1) with input as plan_of([bucket, encryption({}, {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": true}]}]})])
}

test_a_bucket_for_the_logs_of_any_load_balancer_is_allowed if {
	every kind in ["aws_alb", "aws_elb", "aws_lb"] {
		balancer := sample.resource(kind, {}, {"access_logs": [{"bucket": true}]})
		code := [{"address": sprintf("%s.this", [kind]), "expressions": {"access_logs": [{"bucket": {"references": ["aws_s3_bucket.this.id"]}}]}}]
		says(0, 0) with input as object.union(plan_of([bucket, balancer]), {"configuration": {"root_module": {"resources": code}}})
	}
}

test_an_encryption_of_nobody_knows_what_is_undecided if {
	elsewhere := sample.resource("aws_s3_bucket_server_side_encryption_configuration", {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]}, {"bucket": true})
	says(0, 1) with input as plan_of([bucket, elsewhere])
}
