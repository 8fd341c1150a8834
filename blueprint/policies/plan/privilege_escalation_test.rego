package gaia.plan.privilege_escalation_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.privilege_escalation

says(deny, undecided) if {
	count(privilege_escalation.deny) == deny
	count(privilege_escalation.undecided) == undecided
}

bounded := {"Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/boundary"}}}

test_passing_one_role_is_allowed if says(0, 0) with input as sample.grant({"Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/acme-*"})

test_writing_within_a_boundary_is_allowed if {
	says(0, 0) with input as sample.grant(object.union(bounded, {"Action": ["iam:CreateRole", "iam:PutRolePolicy"], "Resource": "arn:aws:iam::123456789012:role/acme-*"}))
}

test_passing_every_role_is_denied if {
	says(1, 0) with input as sample.grant({"Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/*"})
}

test_writing_without_a_boundary_is_denied if {
	says(2, 0) with input as sample.grant({"Action": ["iam:CreateRole", "iam:AttachRolePolicy"], "Resource": "arn:aws:iam::123456789012:role/acme-*"})
}

test_keys_of_every_user_are_denied if {
	says(1, 0) with input as sample.grant({"Action": "iam:CreateAccessKey", "Resource": "arn:aws:iam::123456789012:user/*"})
}

test_an_unknown_policy_is_undecided if says(0, 1) with input as sample.planned("aws_iam_policy", {}, {"policy": true})

test_a_boundary_that_any_policy_is_is_denied if {
	every boundary in ["*", "arn:aws:iam::*:policy/*", "arn:aws:iam::123456789012:policy/acme-*", []] {
		any := {"Condition": {"StringLike": {"iam:PermissionsBoundary": boundary}}}
		says(1, 0) with input as sample.grant(object.union(any, {"Action": "iam:CreateRole", "Resource": "arn:aws:iam::123456789012:role/acme-*"}))
	}
}

test_a_boundary_of_the_same_account_is_allowed if {
	own := {"Condition": {"StringLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/boundary"}}}
	says(0, 0) with input as sample.grant(object.union(own, {"Action": "iam:CreateRole", "Resource": "arn:aws:iam::123456789012:role/acme-*"}))
}
