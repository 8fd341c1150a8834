package gaia.plan.trust_is_named_test

import data.gaia.plan.trust_is_named

planned(kind, after, after_unknown) := {"resource_changes": [{
	"address": "this", "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

nothing if {
	count(trust_is_named.deny) == 0
	count(trust_is_named.undecided) == 0
}

test_destroying_is_allowed if {
	nothing with input as {"resource_changes": [{"address": "this", "mode": "managed", "type": "aws_iam_role", "change": {"actions": ["delete"], "after": null}}]}
}

test_a_named_role_is_allowed if nothing with input as planned("aws_iam_role", {"assume_role_policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::123456789012:role/ann\"}, \"Action\": \"sts:AssumeRole\"}]}"}, {})

test_a_service_is_allowed if nothing with input as planned("aws_iam_role", {"assume_role_policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"Service\": \"ec2.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\"}]}"}, {})

test_an_open_principal_that_is_closed_again_is_allowed if nothing with input as planned("aws_kms_key", {"policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"sts:AssumeRole\", \"Condition\": {\"ArnEquals\": {\"aws:PrincipalArn\": \"arn\"}}}]}"}, {})

test_refusing_everybody_is_allowed if nothing with input as planned("aws_s3_bucket_policy", {"policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\"}]}"}, {})

test_an_account_root_is_denied if {
	count(trust_is_named.deny) == 1 with input as planned("aws_iam_role", {"assume_role_policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": [\"arn:aws:iam::123456789012:root\"]}, \"Action\": \"sts:AssumeRole\"}]}"}, {})
}

test_an_account_number_is_denied if {
	count(trust_is_named.deny) == 1 with input as planned("aws_iam_role", {"assume_role_policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"123456789012\"}, \"Action\": \"sts:AssumeRole\"}]}"}, {})
}

test_everybody_is_denied if {
	count(trust_is_named.deny) == 1 with input as planned("aws_sqs_queue_policy", {"policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"sts:AssumeRole\"}]}"}, {})
}

test_everybody_with_tls_is_denied if {
	count(trust_is_named.deny) == 1 with input as planned("aws_s3_bucket_policy", {"policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"sts:AssumeRole\", \"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"true\"}}}]}"}, {})
}

test_every_role_is_denied if {
	count(trust_is_named.deny) == 1 with input as planned("aws_sns_topic_policy", {"policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::123456789012:role/*\"}, \"Action\": \"sts:AssumeRole\"}]}"}, {})
}

test_no_json_is_denied if {
	count(trust_is_named.deny) == 1 with input as planned("aws_iam_role", {"assume_role_policy": "oops"}, {})
}

test_an_unknown_policy_is_undecided if {
	change := planned("aws_kms_key", {}, {"policy": true})
	count(trust_is_named.deny) == 0 with input as change
	count(trust_is_named.undecided) == 1 with input as change
}

trusting(statement) := planned("aws_iam_role", {"assume_role_policy": json.marshal({"Statement": [object.union({"Effect": "Allow"}, statement)]})}, {})

test_anything_but_does_not_close_a_principal if {
	count(trust_is_named.deny) == 1 with input as trusting({"Principal": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn"}}})
}

test_if_there_is_one_does_not_close_a_principal if {
	count(trust_is_named.deny) == 1 with input as trusting({"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "1"}}})
}

test_all_of_none_does_not_close_a_principal if {
	count(trust_is_named.deny) == 1 with input as trusting({"Principal": "*", "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o"}}})
}

test_a_wildcard_does_not_close_a_principal if {
	count(trust_is_named.deny) == 1 with input as trusting({"Principal": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": ["arn", "*"]}}})
}

test_everybody_but_some_is_denied if {
	count(trust_is_named.deny) == 1 with input as trusting({"NotPrincipal": {"AWS": "arn:aws:iam::123456789012:role/ann"}})
}

test_the_policy_of_a_key_may_stand_apart if {
	policy := json.marshal({"Statement": [{"Effect": "Allow", "Principal": "*"}]})
	count(trust_is_named.deny) == 1 with input as planned("aws_kms_key_policy", {"policy": policy}, {})
}

test_inline_policies_are_denied if {
	everybody := json.marshal({"Statement": [{"Effect": "Allow", "Principal": "*"}]})
	every kind in ["aws_sqs_queue", "aws_sns_topic", "aws_secretsmanager_secret"] {
		count(trust_is_named.deny) == 1 with input as planned(kind, {"policy": everybody}, {})
	}
}

test_a_policy_that_aws_will_choose_is_allowed if {
	unsaid := {"configuration": {"root_module": {"resources": []}}}
	nothing with input as object.union(planned("aws_sqs_queue", {}, {"policy": true}), unsaid)
}

test_what_anybody_meets_is_denied if {
	every one in [
		{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}},
		{"StringLike": {"aws:PrincipalArn": "arn:*"}},
		{"StringLike": {"aws:PrincipalOrgID": "o-*"}},
		{"ArnLike": {"aws:SourceArn": "arn:aws:*"}},
		{"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::*"}},
		{"StringLike": {"aws:PrincipalArn": "arn:aws:iam::12345678901?:role/x"}},
		{"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}},
		{"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::123456789012:role/x", "arn:aws:iam::*:role/x"]}},
	] {
		count(trust_is_named.deny) == 1 with input as trusting({"Principal": "*", "Condition": one})
	}
}

test_one_account_or_organization_is_allowed if {
	every one in [
		{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/acme-*"}},
		{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
		{"StringEquals": {"aws:SourceAccount": ["123456789012"]}},
		{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme-orders"}},
		{"ArnLike": {"aws:SourceArn": "arn:aws-cn:events:cn-north-1:123456789012:rule/*"}},
	] {
		nothing with input as trusting({"Principal": "*", "Condition": one})
	}
}
