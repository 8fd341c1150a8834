package gaia.plan.no_public_grant_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.no_public_grant

says(deny, undecided) if {
	count(no_public_grant.deny) == deny
	count(no_public_grant.undecided) == undecided
}

everybody := "http://acs.amazonaws.com/groups/global/AllUsers"

test_a_private_acl_is_allowed if says(0, 0) with input as sample.planned("aws_s3_bucket_acl", {"acl": "private"}, {})

test_a_grant_to_the_owner_is_allowed if {
	says(0, 0) with input as sample.planned("aws_s3_bucket_acl", {"access_control_policy": [{"grant": [{"grantee": [{"id": "me"}]}]}]}, {"acl": true})
}

test_a_public_acl_is_denied if {
	says(1, 0) with input as sample.planned("aws_s3_bucket_acl", {"acl": "public-read"}, {})
	says(1, 0) with input as sample.planned("aws_s3_bucket", {"acl": "public-read-write"}, {})
}

test_a_grant_to_everybody_is_denied if {
	says(1, 0) with input as sample.planned("aws_s3_bucket_acl", {"access_control_policy": [{"grant": [{"grantee": [{"uri": everybody}]}]}]}, {})
	says(1, 0) with input as sample.planned("aws_s3_bucket", {"grant": [{"uri": everybody}]}, {})
}

test_a_web_site_is_denied if {
	says(1, 0) with input as sample.planned("aws_s3_bucket_website_configuration", {"bucket": "orders"}, {})
	says(1, 0) with input as sample.planned("aws_s3_bucket", {"website": [{"index_document": "index.html"}]}, {})
}

test_an_unknown_acl_is_undecided if says(0, 1) with input as sample.planned("aws_s3_bucket_acl", {}, {"acl": true})

test_an_unknown_grantee_is_undecided if {
	says(0, 1) with input as sample.planned("aws_s3_bucket", {"grant": [{}]}, {"grant": [{"uri": true}]})
}

test_a_new_bucket_is_allowed if says(0, 0) with input as sample.coded(sample.planned("aws_s3_bucket", {}, {"grant": true, "website": true, "acl": true}), {})

test_blocks_that_are_unknown_as_a_whole_are_undecided if {
	says(0, 1) with input as sample.coded(sample.updated("aws_s3_bucket", {}, {"grant": true}), {})
	says(0, 1) with input as sample.coded(sample.updated("aws_s3_bucket", {}, {"website": true}), {})
	says(0, 1) with input as sample.coded(sample.planned("aws_s3_bucket_acl", {"acl": null}, {"access_control_policy": true}), {})
	says(0, 1) with input as sample.coded(sample.planned("aws_s3_bucket_acl", {"access_control_policy": [{}]}, {"access_control_policy": [{"grant": true}]}), {})
}

test_a_canned_acl_beside_unknown_grants_is_allowed if {
	says(0, 0) with input as sample.coded(sample.planned("aws_s3_bucket_acl", {"acl": "private"}, {"access_control_policy": true}), {"acl": {"constant_value": "private"}})
}
