package gaia.plan.no_wildcard_grant_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.no_wildcard_grant

planned(after, after_unknown) := {"resource_changes": [{
	"address": "aws_iam_role_policy.this", "mode": "managed", "type": "aws_iam_role_policy", "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

granting(statement) := planned({"policy": json.marshal({"Version": "2012-10-17", "Statement": [statement]})}, {})

nothing if {
	count(no_wildcard_grant.deny) == 0
	count(no_wildcard_grant.undecided) == 0
}

test_named_actions_on_named_resources_are_allowed if {
	nothing with input as granting({"Effect": "Allow", "Action": ["s3:GetObject", "s3:List*"], "Resource": "arn:aws:s3:::orders/*"})
}

test_denying_everything_is_allowed if {
	nothing with input as granting({"Effect": "Deny", "Action": "*", "Resource": "*"})
}

test_action_that_has_no_resource_is_allowed if {
	nothing with input as granting({"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"})
}

test_every_action_is_denied if {
	count(no_wildcard_grant.deny) == 1 with input as granting({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::orders"})
}

test_every_action_of_a_service_is_denied if {
	count(no_wildcard_grant.deny) == 1 with input as granting({"Effect": "Allow", "Action": ["S3:*"], "Resource": "arn:aws:s3:::orders"})
}

test_every_resource_is_denied if {
	no_wildcard_grant.deny == {{
		"address": "aws_iam_role_policy.this",
		"message": "the policy allows kms:decrypt on the resource *",
	}} with input as granting({"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": ["*"]})
}

test_every_bucket_is_denied if {
	count(no_wildcard_grant.deny) == 1 with input as granting({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"})
}

test_everything_but_some_is_denied if {
	count(no_wildcard_grant.deny) == 1 with input as granting({"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::orders"})
}

test_a_single_statement_and_other_letter_case_are_read if {
	policy := json.marshal({"statement": {"effect": "Allow", "action": "*", "resource": "arn:aws:s3:::orders"}})
	count(no_wildcard_grant.deny) == 1 with input as planned({"policy": policy}, {})
}

test_unreadable_policy_is_denied if {
	count(no_wildcard_grant.deny) == 1 with input as planned({"policy": "{"}, {})
}

test_unknown_policy_is_undecided if {
	count(no_wildcard_grant.deny) == 0 with input as planned({}, {"policy": true})
	no_wildcard_grant.undecided == {{
		"address": "aws_iam_role_policy.this",
		"message": "the policy is known only after apply",
	}} with input as planned({}, {"policy": true})
}

test_absent_policy_says_nothing if nothing with input as planned({}, {})

test_wildcards_in_other_spellings_are_denied if {
	every action in ["**", "s3:?*", "s*:GetObject"] {
		count(no_wildcard_grant.deny) == 1 with input as granting({"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::orders"})
	}
}

test_wildcards_over_parts_of_an_arn_are_denied if {
	every target in ["arn:*", "arn:aws:s3:*", "arn:aws:sqs:us-east-1:123456789012:*", "?*"] {
		count(no_wildcard_grant.deny) == 1 with input as granting({"Effect": "Allow", "Action": "s3:GetObject", "Resource": target})
	}
}

role(after, after_unknown) := {"resource_changes": [{
	"address": "aws_iam_role.this", "mode": "managed", "type": "aws_iam_role", "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

test_role_without_inline_policies_is_allowed if nothing with input as sample.coded(role({}, {"inline_policy": true}), {})

test_inline_policies_that_are_unknown_as_a_whole_are_undecided if {
	count(no_wildcard_grant.undecided) == 1 with input as sample.coded(sample.updated("aws_iam_role", {}, {"inline_policy": true}), {})
	count(no_wildcard_grant.undecided) == 1 with input as sample.coded(role({}, {"inline_policy": true}), {"inline_policy": {"references": ["var.policies"]}})
}

test_inline_policy_of_a_role_is_denied if {
	policy := json.marshal({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::orders"}]})
	count(no_wildcard_grant.deny) == 1 with input as role({"inline_policy": [{"policy": policy}]}, {"inline_policy": [{}]})
}

test_unknown_inline_policy_is_undecided if {
	count(no_wildcard_grant.undecided) == 1 with input as role({"inline_policy": [{}]}, {"inline_policy": [{"policy": true}]})
}

test_patterns_of_actions_are_denied if {
	every action in ["s3:Get*", "iam:*Role*", "iam:Pass*"] {
		count(no_wildcard_grant.deny) == 1 with input as granting({"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::orders/*"})
	}
}

test_a_letter_written_as_its_number_is_denied if {
	hidden := `{"\u0053tatement": [{"Effect": "\u0041llow", "Action": "s3:*", "Resource": "arn:aws:s3:::orders"}]}`
	count(no_wildcard_grant.deny) == 1 with input as planned({"policy": hidden}, {})
}

test_a_boundary_allows_nothing if {
	everything := json.marshal({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
	count(no_wildcard_grant.deny) == 0 with input as sample.planned("aws_iam_policy", {"policy": everything, "path": "/boundary/"}, {})
	count(no_wildcard_grant.deny) > 0 with input as sample.planned("aws_iam_policy", {"policy": everything, "path": "/"}, {})
}
