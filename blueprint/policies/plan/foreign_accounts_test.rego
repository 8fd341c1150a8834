package gaia.plan.foreign_accounts_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.foreign_accounts

says(deny, undecided) if {
	count(foreign_accounts.deny) == deny
	count(foreign_accounts.undecided) == undecided
}

foreign(condition) := let_in("user/auditor", condition)

let_in(who, condition) := sample.trust({
	"Action": "sts:AssumeRole",
	"Principal": {"AWS": sprintf("arn:aws:iam::100000000001:%s", [who])},
	"Condition": condition,
})

own := {"prior_state": {"values": {"root_module": {"child_modules": [{"resources": [{"type": "aws_caller_identity", "values": {"account_id": "100000000001"}}]}]}}}}

test_mfa_is_allowed if says(0, 0) with input as sample.of("prod", foreign({"Bool": {"aws:MultiFactorAuthPresent": "true"}}))

test_an_external_id_is_allowed if says(0, 0) with input as sample.of("prod", foreign({"StringEquals": {"sts:ExternalId": "x"}}))

test_the_own_account_is_allowed if says(0, 0) with input as sample.of("prod", object.union(foreign({}), own))

test_another_account_is_denied if {
	says(1, 0) with input as sample.of("prod", foreign({}))
	says(1, 0) with input as sample.of("prod", foreign({"Bool": {"aws:MultiFactorAuthPresent": "false"}}))
}

test_the_tag_of_a_role_is_allowed if says(0, 0) with input as sample.of("prod", let_in("role/auditor", {"StringEquals": {"aws:PrincipalTag/mfa": "true"}}))

test_mfa_of_a_role_is_denied if {
	says(1, 0) with input as sample.of("prod", let_in("role/auditor", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
	says(1, 0) with input as sample.of("prod", let_in("role/auditor", {"StringEquals": {"sts:ExternalId": "x"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}))
	says(0, 0) with input as sample.of("prod", let_in("role/auditor", {"StringEquals": {"sts:ExternalId": "x"}, "BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}))
	says(0, 0) with input as sample.of("dev", let_in("role/auditor", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
	says(0, 1) with input as let_in("role/auditor", {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
	count(foreign_accounts.warn) == 1 with input as sample.of("dev", let_in("role/auditor", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
}

test_elsewhere_it_is_a_warning if {
	says(0, 0) with input as sample.of("dev", foreign({}))
	count(foreign_accounts.warn) == 1 with input as sample.of("dev", foreign({}))
}

test_unknown_trust_is_undecided if says(0, 1) with input as sample.of("prod", sample.planned("aws_iam_role", {}, {"assume_role_policy": true}))

test_an_unsaid_stage_is_undecided if {
	says(0, 1) with input as foreign({})
	count(foreign_accounts.warn) == 0 with input as foreign({})
	says(0, 1) with input as sample.planned("aws_iam_role", {}, {"assume_role_policy": true})
}
