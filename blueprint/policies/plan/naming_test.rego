package gaia.plan.naming_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.naming

says(deny, undecided) if {
	count(naming.deny) == deny
	count(naming.undecided) == undecided
}

bucket(after, after_unknown) := sample.of("dev", sample.planned("aws_s3_bucket", after, after_unknown))

test_a_name_of_ours_is_allowed if says(0, 0) with input as bucket({"bucket": "acme-use1-dev-orders"}, {})

test_what_aws_names_is_allowed if {
	says(0, 0) with input as bucket({"bucket": null}, {})
	says(0, 0) with input as object.union(bucket({}, {"bucket": true}), {"configuration": {"root_module": {"resources": []}}})
}

test_capitals_are_denied if says(1, 0) with input as sample.of("dev", sample.planned("aws_sqs_queue", {"name": "acme-Orders"}, {}))

test_another_tenant_is_denied if says(1, 0) with input as bucket({"bucket": "nova-use1-dev-orders"}, {})

test_an_unknown_name_is_undecided if says(0, 1) with input as bucket({}, {"bucket": true})
