package gaia.plan.lambda_callers_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.lambda_callers

says(deny, undecided) if {
	count(lambda_callers.deny) == deny
	count(lambda_callers.undecided) == undecided
}

permission(after, after_unknown) := sample.planned("aws_lambda_permission", after, after_unknown)

test_a_signature_is_allowed if says(0, 0) with input as sample.planned("aws_lambda_function_url", {"authorization_type": "AWS_IAM"}, {})

test_a_service_for_one_resource_is_allowed if {
	says(0, 0) with input as permission({"principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::orders"}, {})
	says(0, 0) with input as permission({"principal": "s3.amazonaws.com"}, {"source_arn": true})
	says(0, 0) with input as permission({"principal": "arn:aws:iam::123456789012:role/x"}, {})
}

test_an_open_url_is_denied if says(1, 0) with input as sample.planned("aws_lambda_function_url", {"authorization_type": "NONE"}, {})

test_everybody_is_denied if says(1, 0) with input as permission({"principal": "*"}, {})

test_a_service_for_everybody_is_denied if says(1, 0) with input as permission({"principal": "events.amazonaws.com", "source_arn": null}, {})

test_unknown_callers_are_undecided if {
	says(0, 1) with input as permission({}, {"principal": true})
	says(0, 1) with input as sample.planned("aws_lambda_function_url", {}, {"authorization_type": true})
}

test_a_source_that_anybody_has_is_denied if {
	every one in [{"source_arn": "arn:aws:s3:::*"}, {"source_arn": "*"}, {"principal_org_id": "o-*"}] {
		says(1, 0) with input as permission(object.union({"principal": "s3.amazonaws.com"}, one), {})
	}
}

test_sources_in_one_account_are_allowed if {
	says(0, 0) with input as permission({"principal": "events.amazonaws.com", "source_arn": "arn:aws:events:eu-west-1:123456789012:rule/*"}, {})
	says(0, 0) with input as permission({"principal": "*", "principal_org_id": "o-a1b2c3d4e5"}, {})
}
